import { Flags } from '@oclif/core'
import { BeltCommand } from '../cli/base-command.ts'
import { kernelPreset } from '../config/kernel-presets.ts'
import { selectsNodes } from '../domain/selection.ts'
import { ExitCode, usageError } from '../errors.ts'
import { type HostTuning, tuneHosts } from '../operations/machines/tune.ts'
import { kernelText, untouchedNote } from '../ui/kernel.ts'

export default class Tune extends BeltCommand {
  static override summary = 'Set kernel settings of hosts, without a restart'
  static override description =
    `Applies the settings of the presets, of "sysctl" in the config and of the command line, in that order. KEY=4096 sets a minimum, so that no number is lowered. KEY=<=600 sets a maximum, and KEY==1 an exact value. Belt sets the values live, reads them back and writes them to /etc/sysctl.d/90-belt.conf.

Keys that a host does not have, may not set or shares with the machine below it are shown as unsupported, which is not a failure. --diff changes nothing and exits with 7 if a host differs. Without settings, --diff compares each host with its own file.`
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
      summary: 'apply a preset: small-swarm, large-swarm, many-connections, long-distance',
    }),
    diff: Flags.boolean({ summary: 'only show differences; exit with 2 if there are any' }),
  }

  override async run(): Promise<HostTuning[]> {
    const { argv, flags } = await this.parse(Tune)
    const { nodes, settings } = sorted(argv as string[])
    this.requireWords(nodes, 'no host is named', "belt tune '*' --preset large-swarm")
    const presets = await Promise.all(flags.preset.map(kernelPreset))
    const fleet = await this.openFleet(flags)
    const sources = [...presets, fleet.sysctl, settings]
    const { hosts, failures } = await tuneHosts(fleet, { nodes, sources, compareOnly: flags.diff })
    const untouched = untouchedNote(hosts)
    if (untouched) fleet.progress.note(untouched)
    this.print(kernelText(hosts))
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
