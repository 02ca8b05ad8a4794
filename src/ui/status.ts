import { fold } from '../domain/ranges.ts'
import type { MachineStatus } from '../drivers/driver.ts'
import type { StatusGroup } from '../operations/machines/wait-for-status.ts'
import { colorsFor } from './color.ts'
import { type ListView, list } from './list.ts'
import { stdio } from './stdio.ts'
import type { Painter } from './table.ts'

const COLORS = { new: 'cyan', active: 'green', off: 'yellow', failed: 'red', unknown: 'magenta' } as const

/** Colors the STATUS column, if the stream supports it. */
export function statusPainter(stream: { isTTY?: boolean }): Painter {
  const chalk = colorsFor(stream)
  return (text, heading) => {
    const color = COLORS[text.split(' ')[0] as MachineStatus]
    return heading === 'STATUS' && color ? chalk[color](text) : text
  }
}

/** Machines by status, with folded names. */
export function statusTable(groups: readonly StatusGroup[], view: ListView): string {
  return list(
    ['STATUS', 'MACHINES', 'NAMES'],
    groups.map(({ status, names }) => [status, String(names.length), fold(names)]),
    view,
    statusPainter(stdio.stdout),
  )
}
