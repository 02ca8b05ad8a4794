import { isGlobal, type KernelSetting, satisfiesSetting } from './kernel-setting.ts'

/** A host's value of one kernel setting. */
export type KernelValue =
  | { readonly state: 'writable' | 'read-only'; readonly value: string }
  | { readonly state: 'absent' | 'unreadable' }

/** A host's values of all requested kernel settings. */
export interface KernelReading {
  /** Whether the host is a container, which shares its kernel. */
  readonly isContainer: boolean
  /** By key; a key that is missing could not be read. */
  readonly live: ReadonlyMap<string, KernelValue>
  /** The values in the file that is read at boot, by key. */
  readonly file: ReadonlyMap<string, string>
}

/** Compares one kernel setting of a host with its desired value. */
export interface KernelComparison {
  readonly key: string
  readonly live?: string
  readonly file?: string
  /** The value that both `live` and `file` must have; never lower than either. */
  readonly wanted: string
  readonly state: 'as-wanted' | 'drift' | 'unsupported'
  /** Why it is not supported. */
  readonly reason?: string
}

/**
 * Compares a host's settings with the desired ones. A setting drifts if its live value or the file differs from the desired
 * value, or if a reboot would undo the live value.
 */
export function compareKernel(
  settings: readonly KernelSetting[],
  reading: KernelReading,
): KernelComparison[] {
  return settings.map(setting => {
    const { key } = setting
    const found: KernelValue = reading.live.get(key) ?? { state: 'unreadable' }
    const live = 'value' in found ? found.value : undefined
    const file = reading.file.get(key)
    const wanted = setting.merge(...[live, file].filter(value => value !== undefined))
    const values = { key, ...(live !== undefined && { live }), ...(file !== undefined && { file }), wanted }
    const reason = unsupportedBecause(setting, found, reading.isContainer)
    if (reason !== undefined) return { ...values, state: 'unsupported', reason }
    const needsFile = found.state === 'writable'
    const isUpToDate = live === wanted && (file === wanted || !needsFile)
    return { ...values, state: isUpToDate ? 'as-wanted' : 'drift' }
  })
}

function unsupportedBecause(
  setting: KernelSetting,
  found: KernelValue,
  isContainer: boolean,
): string | undefined {
  if (found.state === 'absent') return 'not available in this kernel or namespace'
  if (found.state === 'unreadable') return 'cannot be read'
  if (isContainer && isGlobal(setting.key)) return 'belongs to the machine that this container runs on'
  return found.state === 'read-only' && !satisfiesSetting(found.value, setting)
    ? 'read-only on this host'
    : undefined
}
