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
  static override summary = 'Show how the swarm is: managers, workers, and every machine beside its node'
  static override description =
    `Asks every host for itself, so it answers without a leader too. The table joins machine, host and node, says what is wrong with each (ok, unjoined, ghost, unmanaged, wrong-swarm, wrong-role, duplicate-hostname, unreachable, unknown), and the lines below it say what mends that. Exit code 0 when the swarm is healthy, 1 when it is degraded, absent or cannot be asked, 5 when it has lost its quorum.`
  static override examples = ['<%= config.bin %> swarm status', '<%= config.bin %> swarm status --json']

  override async run(): Promise<SwarmStatus> {
    const { flags } = await this.parse(SwarmStatusCommand)
    const status = await swarmStatus(await this.openFleet(flags))
    this.print(swarmStatusText(status, stdio.stdout))
    process.exitCode = EXIT_CODES[status.verdict]
    return status
  }
}
