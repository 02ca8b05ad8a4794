import { readFileSync } from 'node:fs'
import { fromBytes, hasStrayBytes } from '../domain/byte-text.ts'
import { usageError } from '../errors.ts'

/** What Node puts where bytes are no UTF-8. */
const REPLACED = '\ufffd'

/**
 * The arguments as they were given. Node replaces bytes that are no UTF-8, and another file name or password would reach the
 * hosts. Linux knows the bytes of a process's arguments; `fromBytes` tells how a text holds them.
 * @throws a usage error where the bytes cannot be known
 */
export function exactArguments(argv: readonly string[], commandLine = ownCommandLine): readonly string[] {
  if (!argv.some(word => word.includes(REPLACED))) return argv
  const given = commandLine().slice(-argv.length)
  const isSame = given.length === argv.length && given.every((bytes, at) => bytes.toString() === argv[at])
  if (isSame) return given.map(fromBytes)
  throw usageError('inexact-argument', 'an argument has bytes that are no UTF-8, or the character U+FFFD', {
    hint: 'Only on Linux can Belt tell which. Nothing was done',
  })
}

/** @throws a usage error if one of the words has bytes that are no UTF-8: names, flags and local files are text */
export function requireText(words: readonly string[]): void {
  if (!words.some(hasStrayBytes)) return
  throw usageError('not-utf8', 'an argument has bytes that are no UTF-8', {
    hint: 'Only a command after -- and the target of a copy on hosts may have them. Nothing was done',
  })
}

/** The words of the command line with which this process was started; none where the system does not tell. */
function ownCommandLine(): Buffer[] {
  try {
    const line = readFileSync('/proc/self/cmdline').toString('latin1')
    return line
      .slice(0, -1)
      .split('\0')
      .map(word => Buffer.from(word, 'latin1'))
  } catch {
    return []
  }
}
