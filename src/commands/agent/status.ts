import { type AgentReport, agentReport } from '../../cli/agent-report.ts'
import { BeltCommand } from '../../cli/base-command.ts'
import { openAgent } from '../../cli/open-fleet.ts'
import type { AgentStatus } from '../../hosts/agent/protocol/calls.ts'
import { agentLines } from '../../ui/agent.ts'

export default class AgentShow extends BeltCommand {
  static override summary = "Show whether Belt's agent runs, and which connections it keeps"
  static override examples = ['<%= config.bin %> agent status', '<%= config.bin %> agent status --json']

  override async run(): Promise<AgentReport> {
    const { flags } = await this.parse(AgentShow)
    const client = await (await openAgent(flags)).connect()
    const status = await client?.ask<AgentStatus>({ what: 'status' })
    client?.close()
    this.print(agentLines(status))
    return agentReport(status)
  }
}
