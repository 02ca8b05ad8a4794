import { createHash } from 'node:crypto'
import { structuredPatch } from 'diff'
import { naturalOrder } from './natural-order.ts'

/** What one host printed. */
export interface Printed {
  readonly host: string
  /** How the command ended, when not well: `exit code 2`, `unreachable`. */
  readonly ending?: string | undefined
  readonly stdout: string
  readonly stderr: string
  readonly truncated: boolean
}

/** Hosts whose commands printed the same and ended alike. */
export interface OutputGroup {
  readonly names: readonly string[]
  readonly ending: string | undefined
  readonly truncated: boolean
  /** The lines of stdout, then those of stderr, led by `stderr: `. */
  readonly lines: readonly string[]
  /** How the lines differ from those of the largest group that printed any, where saying that is shorter. */
  readonly difference: Difference | undefined
}

/** A unified diff without context: hunk headings, and lines led by `-` and `+`; empty for the same lines. */
export interface Difference {
  /** The first host of the group that this is compared with. */
  readonly from: string
  readonly lines: readonly string[]
}

/** More changed lines than this are no short difference; the search for one takes time that grows with them. */
const MOST_CHANGES = 100

interface Gathered extends Omit<Printed, 'host'> {
  readonly names: string[]
}

/** Gathers hosts that printed the same, as they come: what many printed is kept once. */
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
   * The largest group first, equally large ones by their first name. One at a time, because outputs take many times
   * their size when they are split into lines.
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

/** Of a hunk without lines, unified diffs give the line before it; the library gives the one behind. */
function span(start: number, lines: number): string {
  return `${lines === 0 ? start - 1 : start},${lines}`
}

function first({ names }: Gathered): string {
  return names[0] ?? ''
}

/** Whether the last line has a newline is no difference. */
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
