import type { Command, ProcessCommand } from '../../../remote/command.ts'
import type { EngineRequest } from '../../../remote/engine.ts'
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
    | ({ readonly what: 'run' } & (SpokenProcess | SpokenRequest) & Pick<RunOptions, 'maxOutputBytes'>)
    | ({ readonly what: 'stream' } & SpokenProcess & WithStreams)
    | ({ readonly what: 'shell' } & WithStreams)
    | { readonly what: 'upload'; readonly path: string; readonly mode: number }
  )

/** A process to start. Its standard input, if it has one of its own, stands behind the call. */
type SpokenProcess = (
  | { readonly argv: readonly string[]; readonly shell?: never }
  | { readonly shell: string; readonly argv?: never }
) & { readonly hasStdin: boolean; readonly engine?: never }

/** A request to the host's engine. */
interface SpokenRequest {
  readonly engine: EngineRequest
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

/** A process as the agent is told of it, and the standard input that follows the call. */
export function spokenProcess(command: ProcessCommand): { call: SpokenProcess; stdin: Uint8Array } {
  const { stdin } = command
  const hasStdin = stdin !== undefined
  return {
    call: command.argv ? { argv: command.argv, hasStdin } : { shell: command.shell, hasStdin },
    stdin: typeof stdin === 'string' ? Buffer.from(stdin) : (stdin ?? new Uint8Array()),
  }
}

/** The same for a command of any kind. */
export function spoken(command: Command): { call: SpokenProcess | SpokenRequest; stdin: Uint8Array } {
  return command.engine
    ? { call: { engine: command.engine }, stdin: new Uint8Array() }
    : spokenProcess(command)
}

/** What `spokenProcess` was given. */
export function processOf({ argv, shell, hasStdin }: SpokenProcess, stdin: Buffer): ProcessCommand {
  return { ...(argv ? { argv } : { shell }), ...(hasStdin && { stdin }) }
}

/** What `spoken` was given. */
export function commandOf(call: SpokenProcess | SpokenRequest, stdin: Buffer): Command {
  return call.engine ? { engine: call.engine } : processOf(call, stdin)
}
