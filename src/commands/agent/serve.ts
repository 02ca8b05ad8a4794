import { text } from 'node:stream/consumers'
import { BeltCommand } from '../../cli/base-command.ts'
import { type AgentSettings, runAgent } from '../../hosts/agent/server/agent.ts'

export default class AgentServe extends BeltCommand {
  static override summary =
    'Keep connections for other commands; started by them, with what it needs on its input'
  static override hidden = true
  static override enableJsonFlag = false

  override async run(): Promise<void> {
    const settings: AgentSettings = JSON.parse(await text(process.stdin))
    const onReady = () => this.print('ready\n')
    await runAgent(settings, this.interruption.signal, onReady)
  }
}
