import { isGlobal, type KernelSetting, satisfies } from './kernel-setting.ts'

/** What a host says of one kernel key. */
export type KernelValue =
  | { readonly state: 'writable' | 'read-only'; readonly value: string }
  | { readonly state: 'absent' | 'unreadable' }

/** What a host says of all keys that it was asked for. */
export interface KernelReading {
  /** Whether the host is a container, which shares a kernel with others. */
  readonly isContainer: boolean
  /** By key; a key that is missing could not be read. */
  readonly live: ReadonlyMap<string, KernelValue>
  /** What the file says that is read at each start, by key. */
  readonly file: ReadonlyMap<string, string>
}

/** How one key of one host compares with what is wanted. */
export interface KernelComparison {
  readonly key: string
  readonly live?: string
  readonly file?: string
  /** The value that live and file shall both have; it takes nothing away from either. */
  readonly wanted: string
  readonly state: 'as-wanted' | 'drift' | 'unsupported'
  /** Why it is not supported. */
  readonly reason?: string
}

/**
 * Compares what a host has with what is wanted. It drifts where the live value or the file is not as wanted, and
 * where a restart would take away what is live.
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
    const settled = live === wanted && (file === wanted || !needsFile)
    return { ...values, state: settled ? 'as-wanted' : 'drift' }
  })
}

function unsupportedBecause(
  setting: KernelSetting,
  found: KernelValue,
  isContainer: boolean,
): string | undefined {
  if (found.state === 'absent') return 'this kernel or name space does not have it'
  if (found.state === 'unreadable') return 'it cannot be read'
  if (isContainer && isGlobal(setting.key)) return 'it belongs to the machine that this container runs on'
  return found.state === 'read-only' && !satisfies(found.value, setting) ? 'it is read-only here' : undefined
}
