import { type KernelSetting, kernelSetting } from '../domain/kernel-setting.ts'
import { compareKernel, type KernelComparison, type KernelReading } from '../domain/tuning.ts'
import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { parseKernelReading, readKernelCommand } from '../remote/sysctl.ts'

/** Reads the live and the persisted values of kernel settings. @throws when they cannot be read */
export async function readKernel(
  host: Host,
  settings: readonly KernelSetting[],
  signal?: AbortSignal,
): Promise<KernelReading> {
  const { stdout } = await runChecked(host, readKernelCommand(settings.map(({ key }) => key)), { signal })
  return parseKernelReading(stdout)
}

/** Compares a host's kernel settings with the wanted ones. */
export async function compareHost(
  host: Host,
  settings: readonly KernelSetting[],
  signal?: AbortSignal,
): Promise<KernelComparison[]> {
  return compareKernel(settings, await readKernel(host, settings, signal))
}

/** Compares a host's live kernel settings with its own sysctl file, for hosts with no other wanted settings. */
export async function compareFile(host: Host, signal?: AbortSignal): Promise<KernelComparison[]> {
  const { file } = await readKernel(host, [], signal)
  const settings = [...file].map(([key, value]) => kernelSetting(key, `=${value}`))
  return compareHost(host, settings, signal)
}
