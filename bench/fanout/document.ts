import { readFileSync, writeFileSync } from 'node:fs'
import { type Loads, machine } from './machine.ts'
import type { Section } from './section.ts'
import { figureCells, toolCells } from './tables.ts'

const SUMMARY = 'all'
const FIGURE_HEADINGS = ['figure', 'target', 'measured', 'verdict']

/** A section as it stands in the document, between two marks. */
const BLOCK = /<!-- ([\w-]+) -->\n(.*?)<!-- \/\1 -->\n/gs

/**
 * Puts a section into the document, and all figures that have a target before the sections.
 * @param order of all sections; those that are in the document and were not measured this time stay as they were
 */
export function writeReport(
  path: string,
  order: readonly string[],
  { section, loads }: { section: Section; loads: Loads },
): void {
  const text = readFileSync(path, 'utf8')
  const [head = ''] = text.split('\n<!-- ', 1)
  const blocks = new Map([...text.matchAll(BLOCK)].map(([, id = '', block = '']) => [id, block]))
  blocks.set(section.id, markdown(section, loads))
  blocks.set(SUMMARY, summary(order.flatMap(id => blocks.get(id) ?? [])))
  const kept = [SUMMARY, ...order].filter(id => blocks.has(id))
  const parts = kept.map(id => `<!-- ${id} -->\n${blocks.get(id)}<!-- /${id} -->\n`)
  writeFileSync(path, [head, ...parts].join('\n'))
}

function markdown(section: Section, loads: Loads): string {
  const tools = toolCells(section)
  const figures = figureCells(section)
  return [
    `## ${section.title}\n\n${section.text}\n\n`,
    tools.length > 0 ? `${rows(['tool', 'wall', 'client CPU', 'runs'], tools)}\n` : '',
    figures.length > 0 ? `${rows(FIGURE_HEADINGS, figures)}\n` : '',
    `${machine(loads)}\n\n`,
  ].join('')
}

/** The figures of sections that have a target, read where they stand. */
function summary(blocks: readonly string[]): string {
  const cells = blocks.flatMap(block => {
    const [, title = ''] = /^## (.*)$/m.exec(block) ?? []
    const [, ...figures] = block.split(rows(FIGURE_HEADINGS, []))
    return figures
      .flatMap(text => text.split('\n\n', 1).join().split('\n'))
      .map(line => line.slice(2, -2).split(' | '))
      .filter(([, target]) => target !== '')
      .map(figure => [title, ...figure])
  })
  return `## All figures\n\n${rows(['work', ...FIGURE_HEADINGS], cells)}\n`
}

function rows(head: readonly string[], cells: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...cells].map(line => `| ${line.join(' | ')} |\n`).join('')
}
