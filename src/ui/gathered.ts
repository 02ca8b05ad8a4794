import type { ChalkInstance } from 'chalk'
import type { Difference, OutputGroup } from '../domain/gather.ts'
import { fold } from '../domain/ranges.ts'
import { shownOutput } from '../domain/shown.ts'
import { formatBytes } from '../domain/size.ts'
import { colorsFor } from './color.ts'

/** A single line of output goes below a longer heading, not next to it. */
const LONGEST_LEAD = 60

const INDENT = '  '

/**
 * Renders each group of hosts with identical output: the names of the hosts, then the lines, indented by two so that no
 * output looks like a heading. A single line follows the names. On a terminal, outputs keep their colors and no other
 * control characters.
 * @param maxOutputBytes the size at which outputs were truncated
 */
export function* gathered(
  groups: Iterable<OutputGroup>,
  options: { maxOutputBytes: number; stream?: { isTTY?: boolean } },
): Generator<string> {
  const chalk = colorsFor(options.stream ?? {})
  const cut = `output truncated at ${formatBytes(options.maxOutputBytes)}`
  for (const group of groups) yield rendered(options.stream?.isTTY ? harmless(group) : group, cut, chalk)
}

function harmless({ lines, difference, ...group }: OutputGroup): OutputGroup {
  return {
    ...group,
    lines: lines.map(shownOutput),
    difference: difference && { ...difference, lines: difference.lines.map(shownOutput) },
  }
}

function rendered(group: OutputGroup, cut: string, chalk: ChalkInstance): string {
  const { lines, difference, truncated, ending } = group
  const names = `${fold(group.names)}${group.names.length > 1 ? ` (${group.names.length})` : ''}`
  const remarks = [
    ending && chalk.red(ending),
    truncated && chalk.yellow(cut),
    lines.length === 0 && !ending && chalk.dim('no output'),
    difference && `${difference.lines.length > 0 ? 'differs from' : 'same output as'} ${difference.from}`,
  ].filter(Boolean)
  const heading = [chalk.bold(names), ...remarks].join(', ')
  const body = difference ? changes(difference, chalk) : lines.map(line => painted(line, chalk))
  if (body.length === 0) return `${heading}\n`
  if (body.length === 1 && names.length <= LONGEST_LEAD) return `${heading}: ${body[0]}\n`
  return `${heading}:\n${body.map(line => `${INDENT}${line}\n`).join('')}`
}

function painted(line: string, chalk: ChalkInstance): string {
  const lead = 'stderr: '
  return line.startsWith(lead) ? chalk.yellow(lead) + line.slice(lead.length) : line
}

function changes({ lines }: Difference, chalk: ChalkInstance): string[] {
  const colors = { '-': chalk.red, '+': chalk.green, '@': chalk.cyan }
  return lines.map(line => colors[line.charAt(0) as keyof typeof colors](line))
}
