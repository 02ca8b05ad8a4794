/**
 * Aligns rows under their headings, two spaces apart, as `docker ps` does.
 * @param rows cells as text; an empty cell is shown as `-`
 * @returns lines without trailing blanks, each ended by a newline
 */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headings, ...rows.map(row => row.map(cell => cell || '-'))]
  const widths = headings.map((_, column) => Math.max(...lines.map(line => line[column]?.length ?? 0)))
  return lines
    .map(line => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map(line => `${line.trimEnd()}\n`)
    .join('')
}
