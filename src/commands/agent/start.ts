import { type AgentReport, agentReport } from '../../cli/agent-report.ts'
import { BeltCommand } from '../../cli/base-command.ts'
import { openAgent } from '../../cli/open-fleet.ts'
import type { AgentStatus } from '../../hosts/agent/protocol/calls.ts'

export default class AgentStart extends BeltCommand {
  static override summary = "Start Belt's agent, which keeps connections for the next commands"
  static override description =
    `A process of yours that holds the SSH connections of this cluster's commands, so that the next ones need not make them again. It ends when nobody used a connection for as long as ssh.keep_warm says, 10m where that is off. With ssh.keep_warm set, commands start it themselves.`
  static override examples = ['<%= config.bin %> agent start']

  override async run(): Promise<AgentReport> {
    const { flags } = await this.parse(AgentStart)
    const client = await (await openAgent(flags)).start()
    const status = await client.ask<AgentStatus>({ what: 'status' })
    client.close()
    this.print(`Belt's agent runs (pid ${status.pid})\n`)
    return agentReport(status)
  }
}
