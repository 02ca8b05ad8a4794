import { shownLine } from '../domain/shown.ts'

/** Colors a cell, given its text and its heading. Must not change the text itself. */
export type Painter = (text: string, heading: string) => string

/**
 * Aligns rows under their headings, two spaces apart, as `docker ps` does.
 * @param rows cells as text, also from outside; an empty cell is shown as `-`
 * @returns lines without trailing spaces, each with a newline
 */
export function table(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  paint: Painter = text => text,
): string {
  const lines = [headings, ...rows.map(row => row.map(cell => shownLine(cell) || '-'))]
  const widths = headings.map((_, column) => Math.max(...lines.map(line => line[column]?.length ?? 0)))
  const last = headings.length - 1
  return lines
    .map((line, index) => {
      const cells = line.map((cell, column) => {
        const padding = column === last ? '' : ' '.repeat((widths[column] ?? 0) - cell.length)
        return (index === 0 ? cell : paint(cell, headings[column] ?? '')) + padding
      })
      return `${cells.join('  ').trimEnd()}\n`
    })
    .join('')
}
