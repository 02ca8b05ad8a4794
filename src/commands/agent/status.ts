import type { AgentReport } from '../../cli/agent.ts'
import { BeltCommand } from '../../cli/base-command.ts'
import { openAgent } from '../../cli/compose.ts'
import { agentLines } from '../../ui/agent.ts'

export default class AgentShow extends BeltCommand {
  static override summary = "Show whether Belt's agent is running, and its open connections"
  static override examples = ['<%= config.bin %> agent status', '<%= config.bin %> agent status --json']

  override async run(): Promise<AgentReport> {
    const { flags } = await this.parse(AgentShow)
    const report = await (await openAgent(flags)).report()
    this.print(report.running ? agentLines(report) : "Belt's agent is not running\n")
    return report
  }
}
