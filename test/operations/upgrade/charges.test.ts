import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Host } from '../../../src/hosts/host.ts'
import { forgetRecords, keepRecords, readScene } from '../../../src/operations/upgrade/charges.ts'
import { FakeSite } from '../../support/fake-site.ts'
import { UPGRADE_RECORD } from '../../support/upgrade-record.ts'

/** A swarm whose workers have all been upgraded. */
async function upgraded(workers: number) {
  const site = new FakeSite(1, workers)
  const fleet = site.fleet()
  const machines = (await fleet.driver.list({})).filter(({ name }) => name.startsWith('node'))
  const charges = machines.map(machine => {
    const { name } = machine
    return {
      name,
      machine,
      node: site.swarm.node(name),
      record: { ...UPGRADE_RECORD, state: 'finished' as const, machine: name },
    }
  })
  await keepRecords(fleet, site.host('mg0'), charges)
  return { site, fleet, charges: (await readScene(fleet)).charges }
}

describe('the records of an upgrade', () => {
  it('are cleared whichever can be: one that cannot leaves no other, and each is told by name', async () => {
    const { site, fleet, charges } = await upgraded(20)
    site.before = (_, line) => {
      if (/ id-node(3|7)$/.test(line) && line.includes('--label-rm'))
        throw new Error('update out of sequence')
    }
    const answers = await forgetRecords(fleet, site.host('mg0'), charges)
    const failures = answers.flatMap(answer => (answer.ok ? [] : [answer.error.message]))
    expect(failures).toEqual([
      'node3 is as it was, but the swarm could not be made to forget its upgrade: update out of sequence',
      'node7 is as it was, but the swarm could not be made to forget its upgrade: update out of sequence',
    ])
    expect((await readScene(fleet)).charges.map(({ name }) => name)).toEqual(['node3', 'node7'])
  })

  it('are cleared eight at once, and without all nodes being listed for each', async () => {
    const { site, fleet, charges } = await upgraded(20)
    let running = 0
    let most = 0
    const requests: string[] = []
    const host = site.host('mg0')
    const watched = new Proxy(host, {
      get(target, key) {
        if (key !== 'run') return Reflect.get(target, key)
        return async (...words: Parameters<Host['run']>) => {
          running += 1
          most = Math.max(most, running)
          requests.push(words[0].stdin?.toString().split(' HTTP')[0] ?? '')
          await sleep(1)
          return target.run(...words).finally(() => (running -= 1))
        }
      },
    })
    await forgetRecords(fleet, watched, charges)
    expect(most).toBe(8)
    expect(requests).not.toContain('GET /nodes')
    expect((await readScene(fleet)).charges).toEqual([])
  })
})
