import type { Readable, Writable } from 'node:stream'
import type { Command, Need, ProcessCommand } from '../remote/command.ts'
import type { Slot } from './slots.ts'

/** How a remote command ended: an exit code, or the signal that ended it. */
export interface Exit {
  /** The exit code; 128 + the signal's number when a signal ended it, as a shell would say. */
  readonly code: number
  /** The signal's name without SIG, such as `INT`. */
  readonly signal?: string
}

export interface UploadOptions extends RunOptions {
  /** What writing there needs; nothing by default. */
  readonly needs?: Need
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
   * The deadline of this command including the connection, in milliseconds. Default: 60 s from when the connection is
   * open; connecting has its own deadline.
   */
  timeoutMs?: number
  signal?: AbortSignal | undefined
  /**
   * A slot to release while the host is silent. The command then starts when the slot is reacquired, and its deadline
   * counts from there.
   */
  slot?: Slot | undefined
  /** How much of stdout and of stderr to keep, in bytes each (default: 16 MiB). */
  maxOutputBytes?: number
}

/** The streams of a command. Bytes pass unchanged, with stdout and stderr separate. */
export interface Streams {
  /** Default: empty. */
  stdin?: Readable
  stdout: Writable
  stderr: Writable
  /** Requests a pseudo-terminal; stdout then carries both outputs, as in any terminal. */
  pty?: PtyRequest
}

export interface PtyRequest {
  /** The terminal's type, from `TERM`. */
  term: string
  columns: number
  rows: number
  /** Calls back whenever the terminal is resized, until the returned function is called. */
  onResize(callback: (columns: number, rows: number) => void): () => void
}

export interface StreamOptions {
  /** Default: no deadline, because a person may watch logs for hours. The connection has its own deadline. */
  timeoutMs?: number
  /** Aborting stops the remote process, if it can be reached within 2 s, and rejects. */
  signal?: AbortSignal | undefined
  /** See `RunOptions`. */
  slot?: Slot | undefined
  /**
   * Called when the command runs, with a function that sends a signal (`INT`, `TERM`, `KILL`) to the remote process
   * group. The function does nothing once the command has ended.
   */
  onStart?: (sendSignal: (name: 'INT' | 'TERM' | 'KILL') => void) => void
}

/**
 * Something that runs commands over SSH, with one multiplexed connection, opened on first use.
 *
 * Every adapter guarantees: a command that ends resolves, whatever its exit code. A command whose end was not seen (host
 * unreachable, connection lost, deadline) rejects with a `HostError`; it is then unknown whether the command ran. An
 * aborted signal rejects with a BeltError `interrupted`, a broken local stream with `output-closed` or `input-failed`, an
 * unusable private key with a precheck error. Nothing waits forever. What the login user may not do itself runs through
 * sudo, if the command says what it needs; it rejects with the precheck error `root-denied` or `engine-denied`, and nothing
 * was run, if sudo refuses or asks for a password.
 */
export interface Host {
  readonly name: string
  /** Runs a command, or sends a request to the engine, and keeps the output. */
  run(command: Command, options?: RunOptions): Promise<Result>
  /** Runs a command connected to streams. Never ends `stdout` or `stderr`, which may be the process's own. */
  stream(command: ProcessCommand, streams: Streams, options?: StreamOptions): Promise<Exit>
  /** An interactive login shell on a pseudo-terminal. */
  shell(streams: Streams & { pty: PtyRequest }, options?: StreamOptions): Promise<Exit>
  /**
   * Writes a file on the host atomically, with a temporary file in the same folder and a rename.
   * @param mode such as 0o644
   * @throws a BeltError `disk-full`, `permission-denied`, `read-only` or otherwise `upload-failed` if the host reports an
   *   error; an existing file is then unchanged
   */
  upload(content: string | Uint8Array, path: string, mode: number, options?: UploadOptions): Promise<void>
  /**
   * Checks, before anything is changed, that commands which need this can be run.
   * @throws as a command that needs it would
   */
  assertMay(need: Need, options?: RunOptions): Promise<void>
  /** Closes the connection; running commands reject. The next command opens a new one. May be called twice. */
  close(): void
}

/** How to connect to a host. */
export interface HostAddress {
  /** The machine's name. Its host key is stored under this name, so the address may change. */
  readonly name: string
  /** An IP address or a DNS name. */
  readonly address: string
  readonly port: number
  readonly user: string
  /**
   * Whether the machine is new. Refused and reset connections and unauthorized keys are then retried until the deadline;
   * for other machines they are reported at once.
   */
  readonly fresh: boolean
  /**
   * Set for an address that the user wrote, which may stand in ssh_config: what ssh_config may say better, because Belt's
   * config does not say it.
   */
  readonly fromSshConfig?: readonly ('user' | 'port')[] | undefined
}
