import { text } from 'node:stream/consumers'
import { serveAgent } from '../../cli/agent.ts'
import { BeltCommand } from '../../cli/base-command.ts'

export default class AgentServe extends BeltCommand {
  static override summary = "Run Belt's agent; commands start it and pass its settings on standard input"
  static override hidden = true
  static override enableJsonFlag = false

  override async run(): Promise<void> {
    const onReady = () => this.print('ready\n')
    await serveAgent(await text(process.stdin), this.interruption.signal, onReady)
  }
}
