import type { Hook } from '@oclif/core'
import { distance } from 'fastest-levenshtein'
import { usageError } from '../errors.ts'

/** Suggests the command that is most similar to the first words of the command line. */
const commandNotFound: Hook.CommandNotFound = async ({ id, config }) => {
  const [nearest] = config.commandIDs
    .map(known => ({ known, away: distance(known, firstWords(id, wordsOf(known).length)) }))
    .filter(({ known, away }) => away <= Math.max(1, known.length / 3))
    .sort((a, b) => a.away - b.away)
  throw usageError('no-such-command', `belt has no command ${wordsOf(id).join(' ')}`, {
    hint: `${nearest ? `did you mean belt ${wordsOf(nearest.known).join(' ')}? ` : ''}belt --help lists all commands`,
  })
}

function wordsOf(id: string): string[] {
  return id.split(':')
}

function firstWords(id: string, count: number): string {
  return wordsOf(id).slice(0, count).join(':')
}

export default commandNotFound
