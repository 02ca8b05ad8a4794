import { redact, redactArguments } from '../domain/redact.ts'
import type { EngineRequest } from './engine.ts'

/** A command for a host as a value: what to say, not how to send it. */
export type Command = ProcessCommand | EngineCommand

/** What a host starts a process for. */
export type ProcessCommand = ProgramCommand | ShellCommand

/** A program and its arguments, each delivered byte for byte. */
export interface ProgramCommand extends Input, Noted {
  readonly argv: readonly string[]
  readonly shell?: never
  readonly engine?: never
}

/** A line for the remote shell. */
export interface ShellCommand extends Input, Noted {
  readonly shell: string
  readonly argv?: never
  readonly engine?: never
}

/** A request to the host's Docker Engine. Standard output is the HTTP answer as it came. */
export interface EngineCommand extends Noted {
  readonly engine: EngineRequest
  readonly argv?: never
  readonly shell?: never
  readonly stdin?: never
}

interface Input {
  /** What the command reads; without it standard input is at its end from the start. */
  readonly stdin?: string | Uint8Array
}

interface Noted {
  /**
   * Whether the command is written to the journal of changes; true by default, so that no change is forgotten. False is
   * for commands that change nothing, and for the lock, which is Belt's own.
   */
  readonly journaled?: boolean
}

/** The command that runs `argv` as it stands. */
export function command(...argv: string[]): ProgramCommand {
  return { argv }
}

/** The same for a command that changes nothing. */
export function reading(...argv: string[]): ProgramCommand {
  return { argv, journaled: false }
}

/** The program that leads to the engine where its socket cannot be reached; its standard input must stay open. */
export const dialEngineCommand: ProgramCommand = command('docker', 'system', 'dial-stdio')

/**
 * The one place that quotes for a shell: a POSIX word that the remote shell reads back as `argument`, byte for byte.
 * Plain words stay as they are, so that messages remain readable; a word with `=` is plain only behind a dash, where
 * no shell takes it for an assignment.
 */
export function quote(argument: string): string {
  if (/^([A-Za-z0-9_@%+:,./-]+|-[A-Za-z0-9_@%+:,./=-]*)$/.test(argument)) return argument
  return `'${argument.replaceAll("'", `'\\''`)}'`
}

/**
 * The line that the remote shell gets, which messages also show as the command to paste. A request to the engine is
 * shown as what does the same by hand, without its body: that may hold secrets.
 */
export function commandLine(command: Command): string {
  if (command.engine)
    return `${commandLine(dialEngineCommand)} # ${command.engine.method} ${command.engine.path}`
  return command.argv ? command.argv.map(quote).join(' ') : command.shell
}

/** The line as the journal and the log keep it: without the secrets in it. */
export function notedLine(command: Command): string {
  const known = notedLines.get(command)
  if (known !== undefined) return known
  const line = command.argv
    ? redactArguments(command.argv).map(quote).join(' ')
    : redact(commandLine(command))
  notedLines.set(command, line)
  return line
}

/** One command goes to many hosts. */
const notedLines = new WeakMap<Command, string>()
