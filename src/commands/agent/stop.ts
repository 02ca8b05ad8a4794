import { BeltCommand } from '../../cli/base-command.ts'
import { openAgent } from '../../cli/open-fleet.ts'

export default class AgentStop extends BeltCommand {
  static override summary = "End Belt's agent and the connections that it keeps"
  static override description =
    'Commands that run go on to their end, and the agent ends with the last of them.'
  static override examples = ['<%= config.bin %> agent stop']

  override async run(): Promise<{ stopped: boolean }> {
    const { flags } = await this.parse(AgentStop)
    const status = await (await openAgent(flags)).stop()
    const left = status?.running ? ` when the ${status.running} commands that run have ended` : ''
    this.print(status ? `Belt's agent ends${left} (pid ${status.pid})\n` : "Belt's agent does not run\n")
    return { stopped: status !== undefined }
  }
}
