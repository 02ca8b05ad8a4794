import type { HostRow } from './host-row.ts'

/**
 * The `--json` document of a run on hosts, `{ "hosts": [...], "failed": [...] }`, in pieces, because it may exceed the
 * maximum length of a string.
 */
export function* runDocument(rows: readonly HostRow[], failed: readonly string[]): Generator<string> {
  yield '{\n  "hosts": ['
  for (const [index, row] of rows.entries()) yield `${index === 0 ? '' : ','}\n    ${indented(row, 4)}`
  yield `${rows.length === 0 ? '' : '\n  '}],\n  "failed": ${indented(failed, 2)}\n}\n`
}

function indented(value: unknown, by: number): string {
  return JSON.stringify(value, undefined, 2).replaceAll('\n', `\n${' '.repeat(by)}`)
}
