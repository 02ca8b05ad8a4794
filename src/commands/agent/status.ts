import { BeltCommand } from '../../cli/base-command.ts'
import { openAgent } from '../../cli/compose.ts'
import { type AgentReport, agentText } from '../../ui/agent.ts'

export default class AgentShow extends BeltCommand {
  static override summary = "Show whether Belt's agent is running, and its open connections"
  static override examples = ['<%= config.bin %> agent status', '<%= config.bin %> agent status --json']

  override async run(): Promise<AgentReport> {
    const { flags } = await this.parse(AgentShow)
    const report = await (await openAgent(flags)).report()
    this.print(agentText(report))
    return report
  }
}
