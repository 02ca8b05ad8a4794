import type { Pattern } from './pattern.ts'
import { badTerm } from './term.ts'

/** RFC 1123, 2.1 and RFC 1035, 2.3.4: valid machine names in every cloud and valid host names on every system. */
const LONGEST_LABEL = 63

const LABEL_HINT = `names consist of letters, digits and hyphens, with at least one letter and at most ${LONGEST_LABEL} characters`

/** Hosts that exist may have names with dots, such as web-1.example.com. */
export type NameKind = 'machine' | 'host'

/**
 * Checks that every name of a pattern is a valid machine name, without expanding it. A name must contain a letter, because
 * `ssh 7` connects to 0.0.0.7.
 * @throws `bad-pattern`
 */
export function checkLabels({ term, parts }: Pattern, kind: NameKind): void {
  const foreign = kind === 'host' ? /[^A-Za-z0-9.-]/u : /[^A-Za-z0-9-]/u
  const { text } = term
  const fault = (start: number, end: number, problem: string) =>
    badTerm(term, [start, end], problem, LABEL_HINT)

  for (const part of parts) {
    if ('ranges' in part) continue
    const invalid = foreign.exec(part.text)
    if (!invalid) continue
    const start = part.start + invalid.index
    throw fault(start, start + invalid[0].length, `a name cannot contain ${JSON.stringify(invalid[0])}`)
  }
  const empty = /^\.|\.\.|\.$/.exec(text)
  if (empty) throw fault(empty.index, empty.index + 1, 'a name is missing beside the dot')
  if (text.startsWith('-')) throw fault(0, 1, 'a name cannot start with a hyphen')
  if (text.endsWith('-')) throw fault(text.length - 1, text.length, 'a name cannot end with a hyphen')
  if (!/[a-z]/i.test(text)) throw fault(0, text.length, 'a name must contain a letter')
  const longest = longestName(parts)
  if (longest > LONGEST_LABEL) throw fault(0, text.length, `a name of ${longest} characters is too long`)
}

function longestName(parts: Pattern['parts']): number {
  const lengths = parts.map(part =>
    'ranges' in part
      ? Math.max(part.width, ...part.ranges.map(({ to }) => String(to).length))
      : part.text.length,
  )
  return lengths.reduce((sum, length) => sum + length, 0)
}
