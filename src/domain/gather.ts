import { createHash } from 'node:crypto'
import { structuredPatch } from 'diff'
import { naturalOrder } from './natural-order.ts'

/** One host's output. */
export interface Printed {
  readonly host: string
  /** How the command failed: `exit code 2`, `unreachable`; absent on success. */
  readonly ending?: string | undefined
  readonly stdout: string
  readonly stderr: string
  readonly truncated: boolean
}

/** Hosts with identical output and the same result. */
export interface OutputGroup {
  readonly names: readonly string[]
  readonly ending: string | undefined
  readonly truncated: boolean
  /** The lines of stdout, then those of stderr, prefixed with `stderr: `. */
  readonly lines: readonly string[]
  /** The difference from the largest group with output, if that is shorter than the lines. */
  readonly difference: Difference | undefined
}

/** A unified diff without context lines; empty for identical lines. */
export interface Difference {
  /** The first host of the group to compare with. */
  readonly from: string
  readonly lines: readonly string[]
}

/** The maximum number of changed lines, because computing a diff takes longer the more lines differ. */
const MOST_CHANGES = 100

interface Gathered extends Omit<Printed, 'host'> {
  readonly names: string[]
}

/** Groups hosts with identical output as they answer, and keeps each output only once. */
export class Gathering {
  readonly #groups = new Map<string, Gathered>()

  add({ host, ending, truncated, ...printed }: Printed): void {
    const [stdout, stderr] = [whole(printed.stdout), whole(printed.stderr)]
    const key = createHash('sha256')
      .update(JSON.stringify([ending, truncated, stdout.length]))
      .update(stdout)
      .update(stderr)
      .digest('base64')
    const group = this.#groups.get(key)
    if (group) group.names.push(host)
    else this.#groups.set(key, { names: [host], ending, truncated, stdout, stderr })
  }

  /**
   * Yields the largest group first; groups of equal size are sorted by their first name. One at a time, because outputs
   * take many times more memory when split into lines.
   */
  *groups(): Generator<OutputGroup> {
    const groups = [...this.#groups.values()].map(group => ({
      ...group,
      names: group.names.toSorted(naturalOrder),
    }))
    groups.sort((a, b) => b.names.length - a.names.length || naturalOrder(first(a), first(b)))
    const largest = groups.find(({ stdout, stderr }) => stdout !== '' || stderr !== '')
    for (const group of groups) {
      const { names, ending, truncated } = group
      const lines = linesOf(group)
      const isCompared = largest && group !== largest
      yield {
        names,
        ending,
        truncated,
        lines,
        difference: isCompared ? difference(largest, lines) : undefined,
      }
    }
  }
}

function difference(largest: Gathered, lines: readonly string[]): Difference | undefined {
  const patch = structuredPatch('', '', textOf(linesOf(largest)), textOf(lines), '', '', {
    context: 0,
    maxEditLength: Math.min(lines.length, MOST_CHANGES),
  })
  const changes = patch?.hunks.flatMap(hunk => [
    `@@ -${span(hunk.oldStart, hunk.oldLines)} +${span(hunk.newStart, hunk.newLines)} @@`,
    ...hunk.lines,
  ])
  return changes && changes.length < lines.length ? { from: first(largest), lines: changes } : undefined
}

/** For a hunk without lines, unified diffs use the line before it; the library uses the line after it. */
function span(start: number, lines: number): string {
  return `${lines === 0 ? start - 1 : start},${lines}`
}

function first({ names }: Gathered): string {
  return names[0] ?? ''
}

/** Adds a missing final newline, which does not count as a difference. */
function whole(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`
}

function linesOf({ stdout, stderr }: Gathered): string[] {
  return [...split(stdout), ...split(stderr).map(line => `stderr: ${line}`)]
}

function split(text: string): string[] {
  return text.split('\n').slice(0, -1)
}

function textOf(lines: readonly string[]): string {
  return lines.map(line => `${line}\n`).join('')
}
