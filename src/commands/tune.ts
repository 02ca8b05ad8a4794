import { Flags } from '@oclif/core'
import { BeltCommand } from '../cli/base-command.ts'
import { kernelPreset } from '../config/kernel-presets.ts'
import { fold } from '../domain/ranges.ts'
import { selectsNodes } from '../domain/selection.ts'
import { ExitCode, usageError } from '../errors.ts'
import { type HostTuning, tuneHosts } from '../operations/machines/tune.ts'
import { kernelTable } from '../ui/kernel.ts'

export default class Tune extends BeltCommand {
  static override summary = 'Set kernel settings of hosts, for good and without a restart'
  static override description =
    `The settings of the presets, of the config's "sysctl" and of the command line, the later winning. KEY=4096 is the least a number shall be, so that nothing is lowered; KEY=<=600 is the most, KEY==1 exactly this. They are set live, read back and written to /etc/sysctl.d/90-belt.conf.

Keys that a host does not have, may not set or shares with the machine below it are shown as unsupported and are no failure. --diff changes nothing and exits with 2 when a host differs; with nothing else wanted, from what the file of each host says.`
  static override usage = 'tune NODES... [--preset NAME] [KEY=VALUE...] [--diff]'
  static override examples = [
    "<%= config.bin %> tune '*' --preset large-swarm",
    "<%= config.bin %> tune 'node[1:4]' vm.max_map_count=262144 vm.swappiness==1",
    "<%= config.bin %> tune '*' --preset large-swarm --diff",
    "<%= config.bin %> tune '*' --diff",
  ]
  static override strict = false
  static override flags = {
    preset: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      default: [],
      helpValue: 'NAME',
      summary: 'settings made for a purpose: small-swarm, large-swarm, many-connections, long-distance',
    }),
    diff: Flags.boolean({ summary: 'only show what differs; exit code 2 when something does' }),
  }

  override async run(): Promise<HostTuning[]> {
    const { argv, flags } = await this.parse(Tune)
    const { nodes, settings } = sorted(argv as string[])
    this.requireWords(nodes, 'the hosts to tune are missing', "belt tune '*' --preset large-swarm")
    const presets = await Promise.all(flags.preset.map(kernelPreset))
    const fleet = await this.openFleet(flags)
    const sources = [...presets, fleet.sysctl, settings]
    const { hosts, failures } = await tuneHosts(fleet, { nodes, sources, compareOnly: flags.diff })
    const untouched = hosts.filter(({ keys, error }) => keys.length === 0 && error === undefined)
    if (untouched.length > 0)
      fleet.progress.note(`${fold(untouched.map(({ name }) => name))}: no settings were written there`)
    if (untouched.length < hosts.length) this.print(kernelTable(hosts))
    if (hosts.some(({ keys }) => keys.some(({ state }) => state === 'drift')))
      process.exitCode = ExitCode.differs
    this.reportFailures(failures, hosts.length)
    return hosts
  }
}

/** Words with `=` are settings, unless they select hosts (`role=worker`); the others name hosts. */
function sorted(words: readonly string[]): { nodes: string[]; settings: Record<string, string> } {
  const settings: Record<string, string> = {}
  const isSetting = (word: string) => word.includes('=') && !selectsNodes(word)
  for (const word of words.filter(isSetting)) {
    const [key = ''] = word.split('=', 1)
    if (Object.hasOwn(settings, key))
      throw usageError('bad-setting', `${key} is set twice`, { hint: 'give each key one value' })
    settings[key] = word.slice(key.length + 1)
  }
  return { nodes: words.filter(word => !isSetting(word)), settings }
}
