import { foldShort } from '../domain/ranges.ts'
import { line } from '../domain/shown.ts'
import type { Orphan } from '../operations/machines/orphans.ts'
import { type ListView, list } from './list.ts'
import { statusPainter } from './status.ts'
import { stdio } from './stdio.ts'

/** Orphan machines, with a last line that adds up their known monthly cost. */
export function orphanTable(orphans: readonly Orphan[], view: ListView): string {
  const rows = orphans.map(({ name, status, region, createdAt, why, monthlyPriceUsd }) => [
    name,
    status,
    region ?? '',
    createdAt ?? '',
    why,
    monthlyPriceUsd === undefined ? '?' : monthlyPriceUsd.toFixed(2),
  ])
  const priced = orphans.flatMap(({ monthlyPriceUsd }) => monthlyPriceUsd ?? [])
  const unpriced = orphans.length - priced.length
  const total = priced.reduce((sum, price) => sum + price, 0)
  const lines = list(
    ['NAME', 'STATUS', 'REGION', 'CREATED', 'WHY', 'USD/MONTH'],
    rows,
    view,
    statusPainter(stdio.stdout),
  )
  if (orphans.length === 0 || view.quiet) return lines
  return `${lines}${orphans.length} ${orphans.length === 1 ? 'machine' : 'machines'}, ${total.toFixed(2)} USD per month${unpriced > 0 ? `, without ${unpriced} of unknown price` : ''}\n`
}

/** Says how to remove orphan machines; undefined if there are none. */
export function orphansNote(orphans: readonly Orphan[]): string | undefined {
  if (orphans.length === 0) return undefined
  return line`to remove them: belt rm '${foldShort(orphans.map(({ name }) => name)).replaceAll(', ', ',')}'`
}
