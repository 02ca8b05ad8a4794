import { redact, redactArguments } from '../domain/redact.ts'

/** A command for a host as a value: what to say, never how it is sent. */
export interface Command {
  /** Program and arguments, each delivered byte for byte; or a line for the remote shell. */
  readonly run: readonly string[] | { readonly shell: string }
  /** What the command reads; without it standard input is at its end from the start. */
  readonly stdin?: string | Uint8Array
  /**
   * Leaves standard input open after `stdin` is sent, for a peer that takes its end for a hang-up
   * (an HTTP server cancels the request).
   */
  readonly keepStdinOpen?: boolean
  /** What `stdin` asks of the engine, where it is a request: `POST /swarm/join`. */
  readonly request?: string
  /**
   * Whether the journal of changes is told. It is, unless this says otherwise, so that no change is forgotten: false is
   * for what changes nothing, and for the lock, which is Belt's own.
   */
  readonly journaled?: boolean
}

/** The command that runs `argv` as it stands. */
export function command(...argv: string[]): Command {
  return { run: argv }
}

/** The same for a command that changes nothing. */
export function reading(...argv: string[]): Command {
  return { run: argv, journaled: false }
}

/**
 * The one place that quotes for a shell: a POSIX word that the remote shell reads back as `argument`, byte for byte.
 * Plain words stay as they are, so that messages remain readable; a word with `=` is plain only behind a dash, where
 * no shell takes it for an assignment.
 */
export function quote(argument: string): string {
  if (/^([A-Za-z0-9_@%+:,./-]+|-[A-Za-z0-9_@%+:,./=-]*)$/.test(argument)) return argument
  return `'${argument.replaceAll("'", `'\\''`)}'`
}

/** The line that the remote shell gets; also what messages show as the command to paste. */
export function commandLine(command: Command): string {
  return 'shell' in command.run ? command.run.shell : command.run.map(quote).join(' ')
}

/** The line as it is noted for those who look later: without the secrets in it, and with what is asked of the engine. */
export function notedLine(command: Command): string {
  const known = notedLines.get(command)
  if (known !== undefined) return known
  const { run, request } = command
  const line = 'shell' in run ? redact(run.shell) : redactArguments(run).map(quote).join(' ')
  const noted = request === undefined ? line : `${line} # ${redact(request)}`
  notedLines.set(command, noted)
  return noted
}

/** One command goes to many hosts. */
const notedLines = new WeakMap<Command, string>()
