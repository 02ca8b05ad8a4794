import type { AgentStatus } from '../hosts/agent/protocol/calls.ts'

/** What `--json` prints of Belt's agent. */
export type AgentReport =
  | { readonly running: false }
  | (Omit<AgentStatus, 'running'> & { readonly running: true; readonly commands: number })

export function agentReport(status: AgentStatus | undefined): AgentReport {
  return status ? { ...status, running: true, commands: status.running } : { running: false }
}
