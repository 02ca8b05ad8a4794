import { foldShort } from '../domain/ranges.ts'
import { line } from '../domain/shown.ts'
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

/** What the user is asked before engines are restarted. @param stale the machines whose engines use an old name */
export function restartQuestion(stale: readonly string[]): string {
  return line`Restart the engines of ${foldShort(stale)}, and the containers on them?`
}

/** Says how to restart the engines that still use an old name; undefined if there are none. */
export function staleNote({ stale }: Renaming): string | undefined {
  const names = stale.map(({ name }) => name)
  if (names.length === 0) return undefined
  return line`the engines of ${foldShort(names)} still use the old name; restart them with: belt hostname '${names.join(' ')}' --restart`
}
