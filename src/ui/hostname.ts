import { failedOf } from '../hosts/fan-out.ts'
import { type Renaming, renamedOf } from '../operations/machines/hostname.ts'

/** What `belt hostname --json` prints. */
export interface HostnameReport {
  readonly renamed: string[]
  /** Machines whose engines still use the old name. */
  readonly stale: string[]
  readonly restarted: string[]
  readonly failed: string[]
}

/** @param restarted whether the engines that still used the old name were restarted */
export function hostnameReport(renaming: Renaming, restarted: boolean): HostnameReport {
  const stale = renaming.stale.map(({ name }) => name)
  return {
    renamed: renamedOf(renaming),
    stale: restarted ? [] : stale,
    restarted: restarted ? stale : [],
    failed: failedOf(renaming.answers).map(({ host }) => host),
  }
}
