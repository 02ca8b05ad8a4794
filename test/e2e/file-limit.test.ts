import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Workplace } from '../support/belt.ts'
import { fakeHosts } from '../support/fake-ssh/hosts.ts'
import type { FakeSsh } from '../support/fake-ssh/server.ts'

const HOSTS = 600

describe('a fleet that is larger than the files a process may open', () => {
  const workplace = new Workplace()
  let fake: FakeSsh
  beforeAll(async () => {
    // slow, so that as many are worked on at once as there may be
    const faults = Object.fromEntries(Array.from({ length: 10 }, (_, digit) => [digit, 'slow' as const]))
    fake = await fakeHosts(workplace, HOSTS, { faults, slowMs: 1_000 })
  })
  afterAll(async () => {
    await fake?.stop()
    workplace.remove()
  })

  it.each([
    [512, 500, 448],
    [128, 128, 64],
  ])(
    'is asked in full with %d files, with a note that not %d are talked to at once, but %d',
    async (files, wanted, most) => {
      const line = `ulimit -n ${files}; belt exec '*' --concurrency ${wanted} --stream -- echo hello`
      const { code, stdout, stderr } = await workplace.shell(line)
      expect(stderr).toContain(`warning: working on ${most} hosts at once instead of ${wanted}`)
      expect(stderr).toContain('ulimit -Hn')
      expect(stderr).not.toContain('EMFILE')
      expect(stdout.match(/^node\d+: hello$/gm)).toHaveLength(HOSTS)
      expect(code).toBe(0)
    },
  )

  it('is given a file in full, which takes one more for each host', async () => {
    writeFileSync(join(workplace.folder, 'app.conf'), 'key = value\n')
    const { code, stderr } = await workplace.shell(
      "ulimit -n 512; belt cp app.conf '*:/etc/app.conf' --concurrency 500",
    )
    expect(stderr).toContain(`${HOSTS} of ${HOSTS} succeeded`)
    expect(code).toBe(0)
  })
})
