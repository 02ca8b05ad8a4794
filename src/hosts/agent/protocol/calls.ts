import type { Command } from '../../../remote/command.ts'
import type { HostAddress, RunOptions } from '../../host.ts'
import type { Slot } from '../../slots.ts'

/** Increased whenever an older end could misunderstand a newer one. */
export const PROTOCOL = 4

/** A request to Belt's agent. The bytes of standard input, or of a file to upload, follow it. */
export type Call = HostCall | OwnCall

/** A request about the agent itself. */
export interface OwnCall {
  readonly what: 'status' | 'stop'
}

/** A request to do something on a host. */
export type HostCall = { readonly address: HostAddress; readonly timeoutMs?: number } & WithSlot &
  (
    | ({ readonly what: 'run' } & EncodedCommand & Pick<RunOptions, 'maxOutputBytes'>)
    | ({ readonly what: 'stream' } & EncodedCommand & WithStreams)
    | ({ readonly what: 'shell' } & WithStreams)
    | { readonly what: 'upload'; readonly path: string; readonly mode: number }
  )

interface EncodedCommand {
  readonly run: Command['run']
  readonly hasStdin: boolean
  readonly keepStdinOpen: boolean
  readonly request?: string | undefined
}

interface WithSlot {
  /** Present where the caller's slot may be released while the host is silent, or already was. */
  readonly slot?: Pick<Slot, 'isReleased'>
}

interface WithStreams {
  /** Whether standard input follows. */
  readonly withInput: boolean
  readonly pty?: { readonly term: string; readonly columns: number; readonly rows: number } | undefined
}

/** The state of a running agent. */
export interface AgentStatus {
  readonly pid: number
  readonly version: string
  /** ISO 8601. */
  readonly startedAt: string
  /** Names of the hosts with an open connection. */
  readonly hosts: readonly string[]
  /** How many of them have a session ready for the next command. */
  readonly ready: number
  /** How many commands are running. */
  readonly running: number
  readonly idleLimitMs: number
}

/** A command as it travels: `stdin` follows the call as bytes. */
export function encodeCommand(command: Command): { call: EncodedCommand; stdin: Uint8Array } {
  const { run, stdin, keepStdinOpen = false, request } = command
  return {
    call: { run, hasStdin: stdin !== undefined, keepStdinOpen, request },
    stdin: typeof stdin === 'string' ? Buffer.from(stdin) : (stdin ?? new Uint8Array()),
  }
}

/** The command that `encodeCommand` encoded. */
export function decodeCommand(
  { run, hasStdin, keepStdinOpen, request }: EncodedCommand,
  stdin: Buffer,
): Command {
  return {
    run,
    ...(hasStdin && { stdin }),
    ...(keepStdinOpen && { keepStdinOpen }),
    ...(request !== undefined && { request }),
  }
}
