import type { Orphan } from '../operations/machines/orphans.ts'
import { statusPainter } from './status.ts'
import { stdio } from './stdio.ts'
import { table } from './table.ts'

/** Machines that nobody vouches for, with a last line that adds up what they cost a month, where that is known. */
export function orphanTable(strays: readonly Orphan[]): string {
  const rows = strays.map(({ name, status, region, createdAt, why, monthlyPriceUsd }) => [
    name,
    status,
    region ?? '',
    createdAt ?? '',
    why,
    monthlyPriceUsd === undefined ? '?' : monthlyPriceUsd.toFixed(2),
  ])
  const priced = strays.flatMap(({ monthlyPriceUsd }) => monthlyPriceUsd ?? [])
  const unpriced = strays.length - priced.length
  const total = priced.reduce((sum, price) => sum + price, 0)
  const lines = table(
    ['NAME', 'STATUS', 'REGION', 'CREATED', 'WHY', 'USD/MONTH'],
    rows,
    statusPainter(stdio.stdout),
  )
  if (strays.length === 0) return lines
  return `${lines}${strays.length} machines, ${total.toFixed(2)} USD a month${unpriced > 0 ? `, the price of ${unpriced} unknown` : ''}\n`
}
