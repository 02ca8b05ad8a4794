import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Workplace } from '../support/belt.ts'
import { fakeHosts } from '../support/fake-ssh/hosts.ts'
import type { FakeSsh, FakeSshSettings } from '../support/fake-ssh/server.ts'

interface Row {
  readonly host: string
  readonly stdout: string
  readonly error?: { code: string; message: string }
}

describe('a run on hosts of which some are ill', () => {
  let workplace: Workplace
  let fake: FakeSsh | undefined
  beforeEach(() => {
    workplace = new Workplace()
  })
  afterEach(async () => {
    await fake?.stop()
    workplace.remove()
  })

  async function rowsOf(
    count: number,
    settings: Parameters<typeof fakeHosts>[2],
    args: string[],
  ): Promise<{ rows: Row[]; code: number }> {
    fake = await fakeHosts(workplace, count, settings)
    const { stdout, code } = await workplace.run(['exec', '*', '--ndjson', ...args])
    const rows = stdout.trimEnd().split('\n')
    return { rows: rows.map(row => JSON.parse(row)), code }
  }

  it('keeps what a host printed before its connection broke, and answers once for it', async () => {
    const { rows, code } = await rowsOf(10, { faults: { 7: 'breaking' } }, ['--', 'echo', '0123456789'])
    expect(rows.filter(({ host }) => host === 'node7')).toMatchObject([
      { stdout: '01234', error: { code: 'host-lost' } },
    ])
    expect(rows.filter(({ stdout }) => stdout === '0123456789\n')).toHaveLength(9)
    expect(code).toBe(4)
  })

  it('shows it line by line as well', async () => {
    fake = await fakeHosts(workplace, 10, { faults: { 7: 'breaking' } })
    const { stdout, stderr } = await workplace.run(['exec', '*', '--stream', '--', 'echo', '0123456789'])
    expect(stdout.trimEnd().split('\n').toSorted()).toContain('node7: 01234')
    expect(stderr).toContain('lost (1): node7')
  })

  it('ends at its deadline with one answer for each, though some are dead, slow or drop what is sent', async () => {
    const faults: FakeSshSettings['faults'] = { 1: 'silent', 4: 'slow', 7: 'dropping' }
    const settings = { faults, slowMs: 3_600_000, connectTimeout: '1h' }
    const { rows, code } = await rowsOf(300, settings, ['--deadline', '25s', '--', 'echo', 'hello'])
    expect(rows.map(({ host }) => host).toSorted()).toEqual(
      Array.from({ length: 300 }, (_, index) => `node${index + 1}`).toSorted(),
    )
    expect(rows.filter(({ stdout }) => stdout === 'hello\n')).toHaveLength(210)
    const failures = rows.flatMap(({ host, error }) =>
      error ? [{ digit: host.at(-1), code: error.code }] : [],
    )
    const inTime = failures.filter(({ code }) => code !== 'host-timeout')
    expect(new Set(failures.map(({ digit }) => digit))).toEqual(new Set(['1', '4', '7']))
    expect(inTime.every(({ digit, code }) => digit === '7' && code === 'host-reset')).toBe(true)
    expect(code).toBe(4)
  })
})
