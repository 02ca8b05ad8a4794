import { table } from '../../src/ui/table.ts'
import type { Spread } from './contest.ts'
import type { Section } from './section.ts'
import { rounded } from './verdict.ts'

/** Prints a section as text. */
export function shown(section: Section): string {
  const tools = toolCells(section)
  const figures = figureCells(section)
  return [
    `\n${section.title}\n`,
    tools.length > 0 ? table(['TOOL', 'WALL', 'CPU', 'RUNS'], tools) : '',
    figures.length > 0 ? table(['FIGURE', 'TARGET', 'MEASURED', 'VERDICT'], figures) : '',
  ].join('')
}

/** Prints all figures that have a target, as text. */
export function summaryOf(sections: readonly Section[]): string {
  const cells = sections.flatMap(section =>
    figureCells(section)
      .filter(([, target]) => target !== '')
      .map(figure => [section.title, ...figure]),
  )
  return `\nAll figures\n${table(['WORK', 'FIGURE', 'TARGET', 'MEASURED', 'VERDICT'], cells)}`
}

/** What each tool took: its name, wall time, CPU time and how many runs counted. */
export function toolCells({ standings = [], hosts }: Section): string[][] {
  return standings.map(({ name, wallMs, cpuMs, complete, runs }) => [
    name,
    spreadText(wallMs, 1000, 's'),
    hosts ? spreadText(cpuMs, hosts, 'ms a host') : spreadText(cpuMs, 1, 'ms'),
    `${complete} of ${runs}`,
  ])
}

/** Each figure, its target, what was measured and the verdict. */
export function figureCells({ verdicts }: Section): string[][] {
  return verdicts.map(({ figure, target, measured, verdict }) => [figure, target, measured, verdict])
}

function spreadText({ median, min, max }: Spread, divisor: number, unit: string): string {
  const text = (value: number) => String(rounded(value / divisor))
  return `${text(median)} ${unit} (${text(min)}-${text(max)})`
}
