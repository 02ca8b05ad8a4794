import { type Command, Errors } from '@oclif/core'
import { suggestion } from '../config/explain.ts'
import { type BeltError, ExitCode, usageError } from '../errors.ts'
import { notedLine, command as program } from '../remote/command.ts'

/** What oclif's parser says of a command line that it does not understand. Which fields there are depends on the mistake. */
interface ParserError extends Error {
  readonly flags?: readonly string[]
  /** The names that are missing, or the words that are too many. */
  readonly args?: readonly ({ name: string } | string)[]
  readonly parse?: { readonly output?: { readonly argv?: readonly unknown[] } }
}

/** A command as far as its mistakes are concerned. */
export interface MistakenCommand {
  /** As it is typed: `belt swarm join`. */
  readonly name: string
  readonly flags: Readonly<Record<string, Pick<Command.Flag.Any, 'char' | 'hidden'>>>
  /** Whether `--` stands before a command for hosts. */
  readonly passesOn: boolean
}

/**
 * Says what is wrong with a command line, and what to type instead.
 * @param error what the parser threw; anything else is returned as it is
 * @param argv the arguments of the command
 */
export function explainMistake(error: Error, command: MistakenCommand, argv: readonly string[]): Error {
  if (!(error instanceof Errors.CLIError) || error.oclif.exit !== ExitCode.usage) return error
  const { flags, args = [], parse } = error as ParserError
  const hint = `${command.name} --help shows how to call it`
  const missing = args.flatMap(arg => (typeof arg === 'object' ? [arg.name.toUpperCase()] : []))
  if (missing.length > 0)
    return usageError('missing-argument', `${command.name} needs ${missing.join(' and ')}`, { hint })
  if (!flags && args.length === 0) return usageError('bad-arguments', inOneLine(error.message), { hint })
  const instead = command.passesOn ? withDashes(command, argv, parse?.output?.argv ?? []) : undefined
  return flags
    ? noSuchFlag(flags, command, instead)
    : usageError('unexpected-argument', `${command.name} does not take ${args.join(' ')}`, {
        hint: instead ?? hint,
      })
}

function noSuchFlag(
  typed: readonly string[],
  { name, flags }: MistakenCommand,
  instead: string | undefined,
): BeltError {
  const known = Object.entries(flags).flatMap(([flag, { hidden }]) => (hidden ? [] : [`--${flag}`]))
  const [first = ''] = typed
  const meant = first.startsWith('--') ? `${suggestion(first, known)} ` : ''
  return usageError('no-such-flag', `${name} has no flag ${typed.join(' ')}`, {
    hint: instead ?? `${meant}${name} --help explains all flags`,
  })
}

/** The command line with `--` before its second word that is no flag, where the command for the hosts begins. */
function withDashes(
  { name }: MistakenCommand,
  argv: readonly string[],
  words: readonly unknown[],
): string | undefined {
  const [first = -1, second = -1] = words
    .filter(word => !String(word).startsWith('-'))
    .map(word => argv.indexOf(String(word)))
  if (second <= first) return undefined
  const [own, passed] = [argv.slice(0, second), argv.slice(second)].map(part => notedLine(program(...part)))
  return `put -- before the command: ${name} ${own} -- ${passed}`
}

/** What the parser says in several lines, without its opening and its closing words. */
function inOneLine(message: string): string {
  const lines = message.split('\n').map(line => line.trim())
  return lines.filter(line => line && !/^(The following errors? occ|See more help)/.test(line)).join('; ')
}
