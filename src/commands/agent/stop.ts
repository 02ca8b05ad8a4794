import { BeltCommand } from '../../cli/base-command.ts'
import { openAgent } from '../../cli/compose.ts'

export default class AgentStop extends BeltCommand {
  static override summary = "Stop Belt's agent and close its connections"
  static override description = 'Commands that are running finish first.'
  static override examples = ['<%= config.bin %> agent stop']

  override async run(): Promise<{ stopped: boolean }> {
    const { flags } = await this.parse(AgentStop)
    const report = await (await openAgent(flags)).stop()
    this.print(report.running ? ending(report) : "Belt's agent is not running\n")
    return { stopped: report.running }
  }
}

function ending({ pid, commands }: { pid: number; commands: number }): string {
  const left = commands === 0 ? '' : ` after the ${commands} commands that are running`
  return `Belt's agent ends${left} (pid ${pid})\n`
}
