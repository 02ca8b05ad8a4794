import type { Command } from '../../../remote/command.ts'
import type { HostAddress, RunOptions } from '../../host.ts'
import type { Slot } from '../../slots.ts'

/** Changes whenever an older end could misunderstand a newer one. */
export const PROTOCOL = 4

/** What a command asks of Belt's agent. The standard input of a command, or a file's content, stands behind it. */
export type Call = HostCall | OwnCall

/** What the agent answers by itself. */
export interface OwnCall {
  readonly what: 'status' | 'stop'
}

/** Something to be done on a host. */
export type HostCall = { readonly address: HostAddress; readonly timeoutMs?: number } & WithSlot &
  (
    | ({ readonly what: 'run' } & Spoken & Pick<RunOptions, 'maxOutputBytes'>)
    | ({ readonly what: 'stream' } & Spoken & WithStreams)
    | ({ readonly what: 'shell' } & WithStreams)
    | { readonly what: 'upload'; readonly path: string; readonly mode: number }
  )

interface Spoken {
  readonly run: Command['run']
  readonly hasStdin: boolean
  readonly keepStdinOpen: boolean
  readonly request?: string | undefined
}

interface WithSlot {
  /** Present: the caller's slot may be given to others while the host is silent, or was already. */
  readonly slot?: Pick<Slot, 'isReleased'>
}

interface WithStreams {
  /** Whether standard input follows. */
  readonly withInput: boolean
  readonly pty?: { readonly term: string; readonly columns: number; readonly rows: number } | undefined
}

/** What `belt agent status` tells. */
export interface AgentStatus {
  readonly pid: number
  readonly version: string
  /** ISO 8601. */
  readonly startedAt: string
  /** Hosts whose connection is open, by name. */
  readonly hosts: readonly string[]
  /** How many of them have a session that waits for its command. */
  readonly ready: number
  /** Commands that run now. */
  readonly running: number
  readonly idleLimitMs: number
}

export function spoken(command: Command): { call: Spoken; stdin: Uint8Array } {
  const { run, stdin, keepStdinOpen = false, request } = command
  return {
    call: { run, hasStdin: stdin !== undefined, keepStdinOpen, request },
    stdin: typeof stdin === 'string' ? Buffer.from(stdin) : (stdin ?? new Uint8Array()),
  }
}

export function commandOf({ run, hasStdin, keepStdinOpen, request }: Spoken, stdin: Buffer): Command {
  return {
    run,
    ...(hasStdin && { stdin }),
    ...(keepStdinOpen && { keepStdinOpen }),
    ...(request !== undefined && { request }),
  }
}
