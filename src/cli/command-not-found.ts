import type { Hook } from '@oclif/core'
import { closest, distance } from 'fastest-levenshtein'
import { usageError } from '../errors.ts'

/** Says which command was probably meant. */
const commandNotFound: Hook.CommandNotFound = async ({ id, config }) => {
  const typed = id.split(':')[0] ?? id
  const names = [...new Set(config.commandIDs.map(known => known.split(':')[0] ?? known))]
  const nearest = closest(typed, names)
  const isNear = distance(typed, nearest) <= Math.max(1, typed.length / 3)
  throw usageError('no-such-command', `belt has no command ${id.replaceAll(':', ' ')}`, {
    hint: isNear ? `did you mean belt ${nearest}? belt --help lists all` : 'belt --help lists all',
  })
}

export default commandNotFound
