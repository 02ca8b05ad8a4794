import { foldShort } from '../domain/ranges.ts'
import { line } from '../domain/shown.ts'
import type { UnfinishedCreates } from '../operations/machines/unfinished.ts'

/** Says which creates are unfinished and how to go on; undefined if there are none. */
export function unfinishedCreatesNote({ existing, missing }: UnfinishedCreates): string | undefined {
  const all = [...existing, ...missing]
  if (all.length === 0) return undefined
  const lacking = missing.length > 0 ? `; there is no machine for ${foldShort(missing)}` : ''
  return line`a create of ${foldShort(all)} was not finished${lacking}: run the same belt create again to complete it, or belt rm to remove it`
}
