import { BeltCommand } from '../../cli/base-command.ts'
import { openAgent } from '../../cli/compose.ts'
import { type AgentReport, startedAgentLine } from '../../ui/agent.ts'

export default class AgentStart extends BeltCommand {
  static override summary = "Start Belt's agent, which keeps connections open for the next commands"
  static override description =
    'The agent is a background process of yours that holds the SSH connections of this cluster, so that the next commands need not log in again. It closes a connection that was unused for as long as ssh.agent says (10m where that is off), and ends with the last one. With ssh.agent set, commands start the agent themselves.'
  static override examples = ['<%= config.bin %> agent start']

  override async run(): Promise<AgentReport> {
    const { flags } = await this.parse(AgentStart)
    const report = await (await openAgent(flags)).start()
    this.print(startedAgentLine(report))
    return report
  }
}
