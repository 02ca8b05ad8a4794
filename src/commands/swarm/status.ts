import { BeltCommand } from '../../cli/base-command.ts'
import type { SwarmVerdict } from '../../domain/swarm/verdict.ts'
import { ExitCode } from '../../errors.ts'
import { type SwarmStatus, swarmStatus } from '../../operations/swarm/status.ts'
import { stdio } from '../../ui/stdio.ts'
import { swarmStatusText } from '../../ui/swarm-status.ts'

const EXIT_CODES: Readonly<Record<SwarmVerdict, ExitCode>> = {
  healthy: ExitCode.done,
  degraded: ExitCode.failed,
  'no-swarm': ExitCode.failed,
  unknown: ExitCode.failed,
  'quorum-lost': ExitCode.quorum,
}

export default class SwarmStatusCommand extends BeltCommand {
  static override summary = 'Show the health of the swarm, its managers, its workers and every machine'
  static override description =
    `Asks every host, so it works without a leader. The table lists each machine with its host and its node, and says what is wrong with it (ok, unjoined, ghost, unmanaged, wrong-swarm, wrong-role, shared-node, expired, wrong-address, duplicate-hostname, unreachable, unknown). The lines below suggest how to fix it. Exit code 0 means healthy, 1 degraded, absent or unknown, and 5 that the quorum is lost.`
  static override examples = ['<%= config.bin %> swarm status', '<%= config.bin %> swarm status --json']

  override async run(): Promise<SwarmStatus> {
    const { flags } = await this.parse(SwarmStatusCommand)
    const status = await swarmStatus(await this.openFleet(flags))
    this.print(swarmStatusText(status, stdio.stdout))
    process.exitCode = EXIT_CODES[status.verdict]
    return status
  }
}
