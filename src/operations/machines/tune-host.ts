import { type KernelSetting, satisfiesSetting } from '../../domain/kernel-setting.ts'
import { compareKernel, type KernelComparison } from '../../domain/tuning.ts'
import { BeltError } from '../../errors.ts'
import type { Host } from '../../hosts/host.ts'
import { runChecked } from '../../hosts/run-checked.ts'
import { readKernel } from '../../queries/kernel-settings.ts'
import { Change, inContext } from '../../record.ts'
import { applyKernelCommand, parseRefusals, SYSCTL_FILE, sysctlFile } from '../../remote/sysctl.ts'

/** The outcome for one key of one host, with the values from before. */
export type TunedKey =
  | KernelComparison
  | (Omit<KernelComparison, 'state'> & { readonly state: 'set' | 'refused' })

/**
 * Applies kernel settings to a host: first live, then, for those that the kernel accepted, in the file that is read at
 * each boot. A key that is not supported or refused is reported and does not affect the others.
 */
export async function tuneHost(
  host: Host,
  settings: readonly KernelSetting[],
  signal?: AbortSignal,
): Promise<TunedKey[]> {
  const before = await readKernel(host, settings, signal)
  const compared = compareKernel(settings, before)
  const drifting = compared.filter(({ state }) => state === 'drift')
  if (drifting.length === 0) return compared
  const refused = await inContext(
    { title: `Tune ${host.name}`, changes: drifting.map(changeOf) },
    async () => {
      const reasons = await apply(host, settings, drifting, signal)
      const accepted = drifting.filter(({ key }) => !reasons.has(key))
      await writeFile(host, before.file, accepted, signal)
      return reasons
    },
  )
  return compared.map(key => {
    if (key.state !== 'drift') return key
    const reason = refused.get(key.key)
    return reason === undefined ? { ...key, state: 'set' } : { ...key, state: 'refused', reason }
  })
}

function changeOf({ key, live, file, wanted }: KernelComparison): Change {
  const sentence = `${key}=${wanted}`
  return live === wanted
    ? new Change(sentence, `${key}=${file ?? 'nothing'} after a restart`, `${sentence} after a restart`)
    : new Change(sentence, `${key}=${live}`, sentence)
}

/** Sets the values that are not live yet and reads them back. @returns the reasons of the keys that did not change */
async function apply(
  host: Host,
  settings: readonly KernelSetting[],
  drifting: readonly KernelComparison[],
  signal?: AbortSignal,
): Promise<Map<string, string>> {
  const values = new Map(
    drifting.filter(({ live, wanted }) => live !== wanted).map(({ key, wanted }) => [key, wanted]),
  )
  if (values.size === 0) return new Map()
  const { stdout } = await runChecked(host, applyKernelCommand(values), { signal })
  const reasons = parseRefusals(stdout)
  const { live } = await readKernel(host, settings, signal)
  const unmet = settings.filter(setting => {
    const now = live.get(setting.key)
    return values.has(setting.key) && !(now && 'value' in now && satisfiesSetting(now.value, setting))
  })
  return new Map(unmet.map(({ key }) => [key, reasons.get(key) ?? 'the kernel did not keep the value']))
}

async function writeFile(
  host: Host,
  before: ReadonlyMap<string, string>,
  accepted: readonly KernelComparison[],
  signal?: AbortSignal,
): Promise<void> {
  if (accepted.every(({ file, wanted }) => file === wanted)) return
  const values = new Map([...before, ...accepted.map(({ key, wanted }) => [key, wanted] as const)])
  await host.upload(sysctlFile(values), SYSCTL_FILE, 0o644, { signal, needs: 'root' })
}

/** The error for a key that the kernel refused. */
export function refusal(host: string, { key, wanted, reason }: TunedKey): BeltError {
  return new BeltError('setting-refused', `${host}: ${key} cannot be ${wanted}: ${reason}`, {
    host,
    hint: `only root may set it, and the kernel must take the value: belt exec ${host} -- sysctl -w '${key}=${wanted}'`,
    details: { key, wanted },
  })
}
