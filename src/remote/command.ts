import { quote } from '../domain/quote.ts'
import { redact, redactArguments } from '../domain/redact.ts'
import type { EngineRequest } from './engine.ts'

/** A command for a host, as a value: what to run, not how to send it. */
export type Command = ProcessCommand | EngineCommand

/** A command that starts a process on the host. */
export type ProcessCommand = ProgramCommand | ShellCommand

/** A program and its arguments, each delivered byte for byte. */
export interface ProgramCommand extends Input, Noted, Needing {
  readonly argv: readonly string[]
  readonly shell?: never
  readonly engine?: never
}

/** A line, or several, for `/bin/sh` on the host. */
export interface ShellCommand extends Input, Noted, Needing {
  readonly shell: string
  readonly argv?: never
  readonly engine?: never
}

/** A request to the host's Docker Engine, whose use it needs. Standard output is the HTTP answer, unchanged. */
export interface EngineCommand extends Noted {
  readonly engine: EngineRequest
  readonly argv?: never
  readonly shell?: never
  readonly stdin?: never
}

/**
 * What the login user may lack:
 * - `root`: the rights of root, for its files and services;
 * - `engine`: the use of the Docker Engine, which root and the group docker have.
 */
export type Need = 'root' | 'engine'

interface Needing {
  /** Default: nothing. A user who lacks it runs the command through sudo. */
  readonly needs?: Need
}

interface Input {
  /** Standard input of the command (default: empty). */
  readonly stdin?: string | Uint8Array
}

interface Noted {
  /**
   * Whether the command is written to the journal of changes (default: true, so that no change is missed). False for
   * commands that change nothing, and for Belt's own lock.
   */
  readonly journaled?: boolean
}

/** A command that runs `argv`. */
export function command(...argv: string[]): ProgramCommand {
  return { argv }
}

/** The same, for a command that changes nothing. */
export function reading(...argv: string[]): ProgramCommand {
  return { argv, journaled: false }
}

/** A command of Docker's client. */
export function dockerClient(...words: string[]): ProgramCommand {
  return { argv: ['docker', ...words], needs: 'engine' }
}

/** The same, for a command that changes nothing. */
export function readingDocker(...words: string[]): ProgramCommand {
  return { ...dockerClient(...words), journaled: false }
}

/** The program that connects to the engine if its socket cannot be reached. Its standard input must stay open. */
export const dialEngineCommand: ProgramCommand = dockerClient('system', 'dial-stdio')

/**
 * The line for `/bin/sh`, which messages also show for pasting. A request to the engine is shown as the equivalent
 * command without its body, which may contain secrets.
 */
export function commandLine(command: Command): string {
  if (command.engine)
    return `${commandLine(dialEngineCommand)} # ${command.engine.method} ${command.engine.path}`
  return command.argv ? command.argv.map(quote).join(' ') : command.shell
}

/** The line for the journal and the log, without secrets. */
export function notedLine(command: Command): string {
  const known = notedLines.get(command)
  if (known !== undefined) return known
  const line = command.argv
    ? redactArguments(command.argv).map(quote).join(' ')
    : redact(commandLine(command))
  notedLines.set(command, line)
  return line
}

/** Shared, because the same command goes to many hosts. */
const notedLines = new WeakMap<Command, string>()
