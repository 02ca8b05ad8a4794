import type { Command, Need, ProcessCommand } from '../../../remote/command.ts'
import type { EngineRequest } from '../../../remote/engine.ts'
import type { HostAddress, RunOptions } from '../../host.ts'
import type { Slot } from '../../slots.ts'

/** Increased with every change that could make an older client or agent misunderstand a newer one. */
export const PROTOCOL = 6

/** A request to Belt's agent. The bytes of standard input, or of a file to upload, follow it. */
export type Call = HostCall | OwnCall

/** A request about the agent itself. */
export interface OwnCall {
  readonly what: 'status' | 'stop'
}

/** A request to do something on a host. */
export type HostCall = { readonly address: HostAddress; readonly timeoutMs?: number } & WithSlot &
  (
    | ({ readonly what: 'run' } & (EncodedProcess | EncodedRequest) & Pick<RunOptions, 'maxOutputBytes'>)
    | ({ readonly what: 'stream' } & EncodedProcess & WithStreams)
    | ({ readonly what: 'shell' } & WithStreams)
    | { readonly what: 'upload'; readonly path: string; readonly mode: number; readonly needs?: Need }
    | { readonly what: 'may'; readonly need: Need }
  )

/** A process to start. If the command includes standard input, it follows the call. */
type EncodedProcess = (
  | { readonly argv: readonly string[]; readonly shell?: never }
  | { readonly shell: string; readonly argv?: never }
) & { readonly hasStdin: boolean; readonly needs?: Need; readonly engine?: never }

/** A request to the host's engine. */
interface EncodedRequest {
  readonly engine: EngineRequest
}

interface WithSlot {
  /** The caller's slot, which may be released while the host is silent, or already was. */
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

/** Encodes a process, and the standard input that follows the call. */
export function encodeProcess(command: ProcessCommand): { call: EncodedProcess; stdin: Uint8Array } {
  const { stdin, needs } = command
  const more = { hasStdin: stdin !== undefined, ...(needs && { needs }) }
  return {
    call: command.argv ? { argv: command.argv, ...more } : { shell: command.shell, ...more },
    stdin: typeof stdin === 'string' ? Buffer.from(stdin) : (stdin ?? new Uint8Array()),
  }
}

/** Encodes a command of any kind, and the standard input that follows the call. */
export function encodeCommand(command: Command): {
  call: EncodedProcess | EncodedRequest
  stdin: Uint8Array
} {
  return command.engine
    ? { call: { engine: command.engine }, stdin: new Uint8Array() }
    : encodeProcess(command)
}

/** The inverse of `encodeProcess`. */
export function decodeProcess(
  { argv, shell, hasStdin, needs }: EncodedProcess,
  stdin: Buffer,
): ProcessCommand {
  return { ...(argv ? { argv } : { shell }), ...(hasStdin && { stdin }), ...(needs && { needs }) }
}

/** The inverse of `encodeCommand`. */
export function decodeCommand(call: EncodedProcess | EncodedRequest, stdin: Buffer): Command {
  return call.engine ? { engine: call.engine } : decodeProcess(call, stdin)
}
