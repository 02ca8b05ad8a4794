import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Host } from '../../../src/hosts/host.ts'
import { readUpgrade, removeRecords, saveRecords } from '../../../src/operations/upgrade/records.ts'
import { FakeSite } from '../../support/fake-site.ts'
import { UPGRADE_RECORD } from '../../support/upgrade-record.ts'

/** A swarm whose workers have all been upgraded. */
async function upgraded(workers: number) {
  const site = new FakeSite(1, workers)
  const fleet = site.fleet()
  const machines = (await fleet.driver.list({})).filter(({ name }) => name.startsWith('node'))
  const targets = machines.map(machine => {
    const { name } = machine
    return {
      name,
      machine,
      node: site.swarm.node(name),
      record: { ...UPGRADE_RECORD, state: 'finished' as const, machine: name },
    }
  })
  await saveRecords(fleet, site.host('mg0'), targets)
  return { site, fleet, targets: (await readUpgrade(fleet)).targets }
}

describe('the records of an upgrade', () => {
  it('are removed wherever possible: a failure does not stop the others, and names its node', async () => {
    const { site, fleet, targets } = await upgraded(20)
    site.before = (_, line) => {
      if (/ id-node(3|7)$/.test(line) && line.includes('--label-rm'))
        throw new Error('update out of sequence')
    }
    const answers = await removeRecords(fleet, site.host('mg0'), targets)
    const failures = answers.flatMap(answer => (answer.ok ? [] : [answer.error.message]))
    expect(failures).toEqual([
      'node3 is restored, but its upgrade record could not be removed from the swarm: update out of sequence',
      'node7 is restored, but its upgrade record could not be removed from the swarm: update out of sequence',
    ])
    expect((await readUpgrade(fleet)).targets.map(({ name }) => name)).toEqual(['node3', 'node7'])
  })

  it('are removed eight at a time, without a list of all nodes for each', async () => {
    const { site, fleet, targets } = await upgraded(20)
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
    await removeRecords(fleet, watched, targets)
    expect(most).toBe(8)
    expect(requests).not.toContain('GET /nodes')
    expect((await readUpgrade(fleet)).targets).toEqual([])
  })
})
