import type { Readable, Writable } from 'node:stream'
import type { Command, ProcessCommand } from '../remote/command.ts'
import type { Slot } from './slots.ts'

/** How a remote command ended: an exit code, or the signal that ended it. */
export interface Exit {
  /** The exit code; 128 + the signal's number when a signal ended it, as a shell would say. */
  readonly code: number
  /** The signal's name without SIG, such as `INT`. */
  readonly signal?: string
}

export interface Result extends Exit {
  readonly stdout: string
  readonly stderr: string
  readonly durationMs: number
  /** True when output beyond `maxOutputBytes` was dropped. */
  readonly truncated: boolean
}

export interface RunOptions {
  /**
   * The deadline of this command, connection included, in milliseconds. Unless told: 60 s from the open connection,
   * which has a deadline of its own.
   */
  timeoutMs?: number
  signal?: AbortSignal | undefined
  /**
   * The slot that others may take while the host is silent. The command then starts when there is a place again, and its
   * deadline counts from there.
   */
  slot?: Slot | undefined
  /** How much of stdout and of stderr is kept, in bytes each; 16 MiB unless told. */
  maxOutputBytes?: number
}

/** What a streamed command is connected to. Bytes pass unchanged, stdout and stderr apart. */
export interface Streams {
  /** Absent: the command reads an empty standard input. */
  stdin?: Readable
  stdout: Writable
  stderr: Writable
  /** A pseudo-terminal of this size; stdout then carries both outputs, as a terminal does. */
  pty?: PtyRequest
}

export interface PtyRequest {
  /** The terminal's type, from `TERM`. */
  term: string
  columns: number
  rows: number
  /** Calls back at each change of the terminal's size, until the returned function is called. */
  onResize(callback: (columns: number, rows: number) => void): () => void
}

export interface StreamOptions {
  /** No deadline unless told: a person may watch logs for hours. The connection has its own deadline. */
  timeoutMs?: number
  /** Aborting ends the remote process, as far as it can be reached within 2 s, and rejects. */
  signal?: AbortSignal | undefined
  /** As `RunOptions` has it. */
  slot?: Slot | undefined
  /**
   * Hands over a function that sends a signal (`INT`, `TERM`, `KILL`) to the remote process group, once the
   * command runs; once that has ended, the function does nothing.
   */
  onStart?: (sendSignal: (name: 'INT' | 'TERM' | 'KILL') => void) => void
}

/**
 * What answers a command over SSH. One multiplexed connection per host, opened at the first use.
 *
 * Promises of every adapter: a command that ends, with whatever exit code, resolves; a command whose end was
 * not seen (host unreachable, connection lost, deadline) rejects with a `HostError`, and it is then unknown
 * whether the command ran. An aborted signal rejects with a BeltError `interrupted`, a near stream that breaks with
 * `output-closed` or `input-failed`, a private key that cannot be used with a precheck error. Nothing waits for ever.
 */
export interface Host {
  readonly name: string
  /** Runs a command, or sends a request to the engine, and keeps the output. */
  run(command: Command, options?: RunOptions): Promise<Result>
  /** Runs a command connected to live streams. Never ends `stdout` or `stderr`, which may be the process's own. */
  stream(command: ProcessCommand, streams: Streams, options?: StreamOptions): Promise<Exit>
  /** An interactive login shell on a pseudo-terminal. */
  shell(streams: Streams & { pty: PtyRequest }, options?: StreamOptions): Promise<Exit>
  /**
   * Writes a file with `mode` (such as 0o644) on the far side, complete or not at all: a temporary name in the
   * same folder, then a rename.
   * @throws a BeltError `disk-full`, `permission-denied`, `read-only` or else `upload-failed` when the host says why it
   *   cannot; what was there before is untouched
   */
  upload(content: string | Uint8Array, path: string, mode: number, options?: RunOptions): Promise<void>
  /** Closes the connection; running commands reject. The next command opens a new one. May be called twice. */
  close(): void
}

/** Where and as whom a host is reached. */
export interface HostAddress {
  /** The machine's name; also the name its key is kept under, so that a changed address does not matter. */
  readonly name: string
  /** An IP address or a DNS name. */
  readonly address: string
  readonly port: number
  readonly user: string
  /**
   * True for a machine that was made a moment ago: refused and reset connections and a key not yet authorised
   * are retried until the deadline. For others these are reported at once.
   */
  readonly fresh: boolean
}
