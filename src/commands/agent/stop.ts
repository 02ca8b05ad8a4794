import { BeltCommand } from '../../cli/base-command.ts'
import { openAgent } from '../../cli/compose.ts'
import { stoppedAgentLine } from '../../ui/agent.ts'

export default class AgentStop extends BeltCommand {
  static override summary = "Stop Belt's agent and close its connections"
  static override description = 'Commands that are running finish first.'
  static override examples = ['<%= config.bin %> agent stop']

  override async run(): Promise<{ stopped: boolean }> {
    const { flags } = await this.parse(AgentStop)
    const report = await (await openAgent(flags)).stop()
    this.print(stoppedAgentLine(report))
    return { stopped: report.running }
  }
}
