import { fold } from '../domain/ranges.ts'
import type { AgentStatus } from '../hosts/agent/protocol/calls.ts'

/** What there is to say of Belt's agent. */
export function agentLines(status: AgentStatus | undefined): string {
  if (!status) return "Belt's agent does not run\n"
  const { pid, startedAt, hosts, ready, running, idleLimitMs } = status
  const connections = hosts.length === 0 ? 'none' : `${hosts.length}: ${fold(hosts)}`
  return [
    `Belt's agent runs (pid ${pid}) since ${startedAt}`,
    `connections  ${connections}`,
    `ready        ${ready}`,
    `commands     ${running}`,
    `ends         when no connection was used for ${idleLimitMs / 1000} s`,
    '',
  ].join('\n')
}
