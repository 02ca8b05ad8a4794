import { Flags } from '@oclif/core'
import { BeltCommand } from '../cli/base-command.ts'
import { joinFlag } from '../cli/flags/join-flag.ts'
import type { Fleet } from '../operations/fleet.ts'
import { createRequested } from '../operations/machines/create-requested.ts'
import { type CreatedDocument, createdAsJson, createdText } from '../ui/create.ts'

/** Stock images install their engine at the first start. */
const DEFAULT_JOIN_MS = 600_000

export default class Create extends BeltCommand {
  static override readonly lock = 'swarm'
  static override summary = 'Create machines, and wait until they answer over SSH'
  static override description =
    `SIZE is an amount of memory (512mb, 8192MB, 16gb) or a size name of the driver (default: the size in the config). Without NODES, Belt creates the machines declared under "nodes" in the config.

Existing machines are skipped, and incomplete ones are completed, so you can run the same command again.

With --join worker, the machines join the swarm at their first start, without SSH, if the driver can pass them a script (digitalocean, ec2), and over SSH otherwise. Belt waits until the managers see each machine, for up to --timeout (default 10m). Then it replaces the worker token if a machine received it, whatever the result, because the old token stays readable in the machines' user data.`
  static override usage = 'create [SIZE] [NODES...]'
  static override examples = [
    "<%= config.bin %> create 1gb 'mg[0:2]'",
    "<%= config.bin %> create 512mb 'node[1:4]' --region local",
    "<%= config.bin %> create --join worker 512mb 'node[1:4]'",
    '<%= config.bin %> create',
  ]
  static override strict = false
  static override flags = {
    region: Flags.string({
      helpValue: 'REGION',
      summary:
        'the region, or several separated by commas to spread the machines over (default: the region in the config)',
    }),
    join: joinFlag,
  }

  override async run(): Promise<CreatedDocument> {
    const { argv, flags } = await this.parse(Create)
    const request = {
      words: argv as string[],
      regions: flags.region?.split(',') ?? [],
      joinTimeoutMs: flags.join === undefined ? undefined : (flags.timeout ?? DEFAULT_JOIN_MS),
    }
    const create = (fleet: Fleet) => createRequested(fleet, request)
    const creation = await this.withFleet(flags, create, flags.join === undefined ? { lock: 'none' } : {})
    this.print(createdText(creation))
    const { failures, tokenError, total } = creation
    const token = tokenError ? [{ name: 'the worker token', error: tokenError }] : []
    this.reportFailures([...failures, ...token], total + token.length)
    return createdAsJson(creation)
  }
}
