import { fold } from '../domain/ranges.ts'

/** A running agent, as `belt agent status` shows it. */
interface RunningAgent {
  readonly pid: number
  /** ISO 8601. */
  readonly startedAt: string
  /** Names of the hosts with an open connection. */
  readonly hosts: readonly string[]
  /** How many of these hosts have a session ready for the next command. */
  readonly ready: number
  readonly commands: number
  readonly idleLimitMs: number
}

export function agentLines({ pid, startedAt, hosts, ready, commands, idleLimitMs }: RunningAgent): string {
  const connections = hosts.length === 0 ? 'none' : `${hosts.length}: ${fold(hosts)}`
  return [
    `Belt's agent is running (pid ${pid}) since ${startedAt}`,
    `connections  ${connections}`,
    `ready        ${ready}`,
    `commands     ${commands}`,
    `ends         after ${idleLimitMs / 1000} s without use`,
    '',
  ].join('\n')
}
