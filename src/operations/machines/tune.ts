import { type KernelSetting, kernelSetting } from '../../domain/kernel-setting.ts'
import { type BeltError, usageError } from '../../errors.ts'
import { fanOut } from '../../hosts/fan-out.ts'
import type { Host } from '../../hosts/host.ts'
import { compareFile, compareHost } from '../../queries/kernel-settings.ts'
import type { Fleet } from '../fleet.ts'
import { selectMachines } from '../select-machines.ts'
import { refusal, type TunedKey, tuneHost } from './tune-host.ts'

export interface TuneRequest {
  readonly nodes: readonly string[]
  /** Values by key, from the weakest source to the strongest: what stands later wins. */
  readonly sources: readonly Readonly<Record<string, string | number>>[]
  /** Only tells what differs; where the sources want nothing, from what was written to a host before. */
  readonly compareOnly: boolean
}

/** What became of one host's settings; without keys it gave no answer. */
export interface HostTuning {
  readonly name: string
  readonly keys: readonly TunedKey[]
  readonly error?: string
}

export interface Tuning {
  readonly hosts: HostTuning[]
  readonly failures: { name: string; error: BeltError }[]
}

/**
 * Sets the kernel settings of hosts, or compares them with the desired ones. A host fails if it does not answer or its
 * kernel refuses a value; settings that it does not support are listed among its keys.
 */
export async function tuneHosts(fleet: Fleet, request: TuneRequest): Promise<Tuning> {
  const settings = settingsOf(request.sources)
  if (settings.length === 0 && !request.compareOnly) throw nothingWanted()
  const machines = await selectMachines(fleet, request.nodes)
  const task = fleet.progress.start(
    request.compareOnly ? 'Reading kernel settings' : 'Tuning',
    machines.length,
  )
  const tune: typeof tuneHost = request.compareOnly ? compareHost : tuneHost
  const work = (host: Host) =>
    settings.length > 0 ? tune(host, settings, fleet.signal) : compareFile(host, fleet.signal)
  const answers = await fanOut(machines, machine => work(fleet.host(machine)), {
    ...fleet,
    onAnswer: answer => task.step(answer.host),
  })
  task.done()
  return {
    hosts: answers.map(answer =>
      answer.ok
        ? { name: answer.host, keys: answer.value }
        : { name: answer.host, keys: [], error: answer.error.message },
    ),
    failures: answers.flatMap(answer => {
      const refused = answer.ok ? answer.value.filter(({ state }) => state === 'refused') : []
      const errors = answer.ok ? refused.slice(0, 1).map(key => refusal(answer.host, key)) : [answer.error]
      return errors.map(error => ({ name: answer.host, error }))
    }),
  }
}

function settingsOf(sources: TuneRequest['sources']): KernelSetting[] {
  const settings = new Map<string, KernelSetting>()
  for (const [key, value] of sources.flatMap(source => Object.entries(source))) {
    const setting = kernelSetting(key, String(value))
    settings.set(setting.key, setting)
  }
  return [...settings.values()]
}

function nothingWanted(): BeltError {
  return usageError(
    'no-settings',
    'there is nothing to tune: no preset, no setting, no sysctl in the config',
    {
      hint: "belt tune '*' --preset large-swarm, or belt tune '*' net.core.somaxconn=4096",
    },
  )
}
