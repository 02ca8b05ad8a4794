import { type KernelSetting, kernelSetting, satisfiesSetting } from '../domain/kernel-setting.ts'
import { compareKernel, type KernelComparison, type KernelReading } from '../domain/tuning.ts'
import { BeltError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { Change, inContext } from '../record.ts'
import {
  applyKernelCommand,
  parseKernelReading,
  parseRefusals,
  readKernelCommand,
  SYSCTL_FILE,
  sysctlFile,
} from '../remote/sysctl.ts'

/** What became of one key of one host; its values are those that were found. */
export type TunedKey =
  | KernelComparison
  | (Omit<KernelComparison, 'state'> & { readonly state: 'set' | 'refused' })

/** Tells how a host's kernel settings compare with what is wanted. Changes nothing. */
export async function compareHost(
  host: Host,
  settings: readonly KernelSetting[],
  signal?: AbortSignal,
): Promise<KernelComparison[]> {
  return compareKernel(settings, await readKernel(host, settings, signal))
}

/**
 * Tells how a host's kernel settings compare with the file that is read at each start, where nothing else is wanted.
 * Changes nothing.
 */
export async function compareFile(host: Host, signal?: AbortSignal): Promise<KernelComparison[]> {
  const { file } = await readKernel(host, [], signal)
  const settings = [...file].map(([key, value]) => kernelSetting(key, `=${value}`))
  return compareHost(host, settings, signal)
}

/**
 * Brings a host's kernel settings to what is wanted: live first, then, for those that the kernel took, in the file that
 * is read at each start. A key that the host does not support or the kernel refuses is told and stops no other.
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

/** Sets what is not live yet, reads it back, and tells which keys are still not as wanted, with the reason. */
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
  await host.upload(sysctlFile(values), SYSCTL_FILE, 0o644, { signal })
}

async function readKernel(
  host: Host,
  settings: readonly KernelSetting[],
  signal?: AbortSignal,
): Promise<KernelReading> {
  const { stdout } = await runChecked(host, readKernelCommand(settings.map(({ key }) => key)), { signal })
  return parseKernelReading(stdout)
}

/** A key that a kernel refused, as a failure of its host. */
export function refusal(host: string, { key, wanted, reason }: TunedKey): BeltError {
  return new BeltError('setting-refused', `${host}: ${key} cannot be ${wanted}: ${reason}`, {
    host,
    hint: `only root may set it, and the kernel must take the value: belt exec ${host} -- sysctl -w '${key}=${wanted}'`,
    details: { key, wanted },
  })
}
