import type { Hook } from '@oclif/core'
import { distance } from 'fastest-levenshtein'
import { usageError } from '../errors.ts'
import { otherWords } from './other-words.ts'

/** Says what to type instead of a command that does not exist. */
const commandNotFound: Hook.CommandNotFound = async ({ id, config }) => {
  const words = id.split(':')
  const [first = ''] = words
  const typed = words.slice(0, config.findTopic(first) ? 2 : 1).join(' ')
  const known = config.commands
    .filter(({ hidden }) => !hidden)
    .map(command => command.id.replaceAll(':', ' '))
  const use = otherWords[typed] ?? withoutTopic(typed, known)
  const near = use === undefined ? nearest(words, [...known, ...Object.keys(otherWords)]) : undefined
  const meant = near && (otherWords[near] ?? `belt ${near}`)
  throw usageError('no-such-command', `belt has no command ${typed}`, {
    hint: [
      ...(use ? [`use ${use}`] : []),
      ...(meant ? [`did you mean ${meant}?`] : []),
      'belt --help lists all commands',
    ].join('\n'),
  })
}

/** `init` stands for `swarm init`. */
function withoutTopic(typed: string, known: readonly string[]): string | undefined {
  const full = known.filter(command => command.endsWith(` ${typed}`))
  return full.length === 0 ? undefined : full.map(command => `belt ${command}`).join(' or ')
}

function nearest(words: readonly string[], known: readonly string[]): string | undefined {
  const ranked = known
    .map(command => ({
      command,
      away: distance(command, words.slice(0, command.split(' ').length).join(' ')),
    }))
    .filter(({ command, away }) => away <= Math.max(1, command.length / 3))
    .sort((a, b) => a.away - b.away)
  return ranked[0]?.command
}

export default commandNotFound
