import { describe, expect, it } from 'vitest'
import type { HostRow } from '../../src/ui/host-row.ts'
import { runDocument } from '../../src/ui/run-document.ts'

const row = (host: string, more: Partial<HostRow> = {}): HostRow => ({
  host,
  exitCode: 0,
  stdout: 'one\n"two"\n',
  stderr: '',
  durationMs: 12,
  truncated: false,
  ...more,
})

describe('the document of a run', () => {
  it.each([
    ['of no hosts', [], []],
    ['of one host', [row('node1')], []],
    ['of several', [row('node1'), row('node2', { error: { code: 'host-lost' } })], ['node2']],
  ])('%s is as JSON prints it', (_what, hosts, failed) => {
    const text = [...runDocument(hosts, failed)].join('')
    expect(text).toBe(`${JSON.stringify({ hosts, failed }, undefined, 2)}\n`)
  })

  it('may be longer than a string can be', () => {
    const hosts = Array.from({ length: 90 }, (_, index) =>
      row(`node${index}`, { stdout: '\0'.repeat(1024 ** 2) }),
    )
    expect(() => JSON.stringify(hosts)).toThrow(RangeError)
    let length = 0
    for (const piece of runDocument(hosts, [])) length += piece.length
    expect(length).toBeGreaterThan(2 ** 29)
  })
})
