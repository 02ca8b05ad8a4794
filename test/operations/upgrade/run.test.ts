import { describe, expect, it } from 'vitest'
import type { Upgrade } from '../../../src/domain/upgrade/upgrade.ts'
import { HostError } from '../../../src/hosts/errors.ts'
import type { Fleet } from '../../../src/operations/fleet.ts'
import { planUpgrade } from '../../../src/operations/upgrade/plan.ts'
import { readUpgrade } from '../../../src/operations/upgrade/records.ts'
import { abortUpgrade, resumeUpgrade } from '../../../src/operations/upgrade/resume.ts'
import { beginUpgrade } from '../../../src/operations/upgrade/run.ts'
import { isMembershipRead } from '../../support/engine-answers.ts'
import { FakeSite } from '../../support/fake-site.ts'

const REBOOT: Upgrade = { kind: 'reboot' }
const SHORT = { timeoutMs: 2500 }

async function upgrade(
  fleet: Fleet,
  words: string[],
  allowOutage = false,
  what = REBOOT,
  maxUnavailable = '3',
) {
  const plan = await planUpgrade(fleet, {
    role: words[0]?.startsWith('node') ? 'worker' : 'manager',
    words,
    upgrade: what,
    options: { allowOutage, allowDowntime: false, maxUnavailable },
    anyVersion: false,
  })
  return beginUpgrade(fleet, plan, SHORT)
}

/** Calls back at the first command on any host that contains these words. */
function onCommand(site: FakeSite, words: string, act: (name: string) => void): void {
  let isDone = false
  site.before = (name, line) => {
    if (isDone || !line.includes(words)) return
    isDone = true
    act(name)
  }
}

/** Leaves an upgrade that stopped before it touched a node. */
async function waiting(site: FakeSite, ...names: string[]): Promise<void> {
  const [first = ''] = names
  onCommand(site, '--availability drain', () => {
    throw new HostError('lost', first, 'the connection broke')
  })
  await expect(upgrade(site.fleet(), names)).rejects.toMatchObject({ code: 'host-lost' })
  const { id, labels } = site.swarm.node(first)
  site.swarm.change(id, { labels: { ...labels, 'belt.upgrade.state': 'waiting' }, availability: 'active' })
}

const isDrained = (site: FakeSite, name: string) => site.swarm.node(name).availability === 'drain'

describe.concurrent('an upgrade of several waves', () => {
  it('stops before a wave when the machine of a node is gone by then', async () => {
    const site = new FakeSite(3, 2)
    onCommand(site, 'maintain', () => site.driver.vendor.machinesOf('fake').delete('node2'))
    const maintain: Upgrade = { kind: 'command', line: 'maintain' }
    await expect(upgrade(site.fleet(), ['node1', 'node2'], false, maintain, '1')).rejects.toMatchObject({
      code: 'no-such-machine',
      message: expect.stringContaining('node2'),
    })
    expect(isDrained(site, 'node2')).toBe(false)
  })
})

describe.concurrent('an upgrade of managers while another one is away', () => {
  it('takes out no manager when it is resumed, even if the others suffice for the quorum', async () => {
    const site = new FakeSite(5, 0)
    await waiting(site, 'mg2', 'mg3')
    site.down('mg4')
    await expect(resumeUpgrade(site.fleet(), {}, SHORT)).rejects.toMatchObject({
      code: 'not-healthy',
      message: expect.stringContaining('manager mg4 is unreachable'),
      hint: expect.stringContaining('belt upgrade --resume'),
    })
    expect(isDrained(site, 'mg2')).toBe(false)
    expect(site.acts).toEqual([])
  })

  it.each<[string, Upgrade]>([
    ['demotes', { kind: 'size', size: '2gb' }],
    ['stops', REBOOT],
  ])('never %s a manager when another dies during its drain', async (_, what) => {
    const site = new FakeSite(5, 0)
    onCommand(site, '--availability drain', () => site.down('mg4'))
    const { failures, left } = await upgrade(site.fleet(), ['mg2', 'mg3'], false, what)
    expect(failures).toMatchObject([
      {
        host: 'mg2',
        error: {
          code: 'not-healthy',
          message: expect.stringContaining('the managers do not reach mg4: no other manager is taken out'),
          hint: expect.stringContaining('belt swarm remove --unreachable mg4'),
        },
      },
    ])
    expect(left).toEqual(['mg3'])
    expect(site.swarm.node('mg2')).toMatchObject({ role: 'manager', reachability: 'reachable' })
    expect(site.acts).toEqual([])
  })

  it('refuses to lose the quorum, with exit code 5', async () => {
    const site = new FakeSite(3, 0)
    onCommand(site, '--availability drain', () => site.down('mg2'))
    const { failures } = await upgrade(site.fleet(), ['mg1'])
    expect(failures).toMatchObject([{ host: 'mg1', error: { code: 'quorum', exitCode: 5 } }])
    expect(site.acts).toEqual([])
  })
})

describe.concurrent('the download of an engine', () => {
  const ENGINE: Upgrade = { kind: 'engine', version: '23.0.1' }

  it('stops no manager when another is lost meanwhile', async () => {
    const site = new FakeSite(5, 0)
    onCommand(site, '--download-only', () => site.down('mg4'))
    const { failures } = await upgrade(site.fleet(), ['mg2'], false, ENGINE)
    expect(failures).toMatchObject([{ host: 'mg2', error: { code: 'not-healthy' } }])
    expect(site.acts).toEqual([])
  })

  it('hands over the leadership when the node becomes the leader meanwhile', async () => {
    const site = new FakeSite(3, 0)
    onCommand(site, '--download-only', () => {
      site.swarm.change('id-mg0', { isLeader: false })
      site.swarm.change('id-mg1', { isLeader: true })
    })
    expect(await upgrade(site.fleet(), ['mg1'], false, ENGINE)).toMatchObject({ upgraded: ['mg1'] })
    const lines = ['mg0', 'mg2'].flatMap(name => site.swarm.host(name).lines)
    expect(lines).toContain('docker node demote id-mg1')
  })

  it('ends before the managers are asked for the last time', async () => {
    const site = new FakeSite(3, 0)
    const lines: string[] = []
    site.before = (_, line) => void lines.push(line)
    await upgrade(site.fleet(), ['mg1'], false, ENGINE)
    const install = lines.findIndex(line => line.includes('--no-download'))
    const asked = lines.slice(0, install).findLastIndex(line => line.includes('system dial-stdio'))
    expect(install).toBeGreaterThan(0)
    const network = /--download-only|apt-get .* update/
    expect(lines.slice(asked, install).filter(line => network.test(line))).toEqual([])
  })
})

describe.concurrent('the leadership', () => {
  it('is handed over by a node that became the leader during its drain', async () => {
    const site = new FakeSite(3, 0)
    onCommand(site, '--availability drain', () => {
      site.swarm.change('id-mg0', { isLeader: false })
      site.swarm.change('id-mg1', { isLeader: true })
    })
    expect(await upgrade(site.fleet(), ['mg1'])).toMatchObject({ upgraded: ['mg1'], failures: [] })
    const lines = ['mg0', 'mg2'].flatMap(name => site.swarm.host(name).lines)
    expect(lines).toContain('docker node demote id-mg1')
  })
})

describe.concurrent('an upgrade with two managers left', () => {
  async function twoLeft() {
    const site = new FakeSite(3, 0)
    await waiting(site, 'mg1', 'mg2')
    site.swarm.change('id-mg0', { role: 'worker', reachability: undefined, isLeader: false })
    site.swarm.set('mg0', { role: 'worker' })
    site.swarm.change('id-mg1', { isLeader: true })
    return site
  }

  it('is not resumed, and no node is touched', async () => {
    const site = await twoLeft()
    await expect(resumeUpgrade(site.fleet(), {}, SHORT)).rejects.toMatchObject({
      code: 'quorum',
      exitCode: 5,
      hint: expect.stringContaining('--allow-outage'),
    })
    expect((await readUpgrade(site.fleet())).targets.map(({ record }) => record.state)).toEqual([
      'waiting',
      'waiting',
    ])
    expect(isDrained(site, 'mg2')).toBe(false)
  })

  it('is resumed when an outage is allowed', async () => {
    const site = await twoLeft()
    const resumed = await resumeUpgrade(site.fleet(), { allowOutage: true }, SHORT)
    expect(resumed).toMatchObject({ upgraded: ['mg2', 'mg1'], failures: [] })
  })

  it('is aborted, even when a node is drained already', async () => {
    const site = await twoLeft()
    const labels = { ...site.swarm.node('mg2').labels, 'belt.upgrade.state': 'out' }
    site.swarm.change('id-mg2', { labels, availability: 'drain' })
    const answers = await abortUpgrade(site.fleet(), SHORT)
    expect(answers.map(({ host, ok }) => [host, ok])).toEqual([
      ['mg1', true],
      ['mg2', true],
    ])
    expect(site.swarm.node('mg2')).toMatchObject({ availability: 'active', labels: {} })
  })
})

describe.concurrent('a swarm whose nodes bear other names and addresses than their machines', () => {
  it.each([
    ['all of them', ['mg0', 'mg1', 'mg2']],
    ['all but the node itself', ['mg1', 'mg2']],
  ])('is asked through its other managers: %s', async (_, renamed) => {
    const site = new FakeSite(3, 1)
    for (const name of renamed) site.swarm.change(`id-${name}`, { hostname: `ip-${name}` })
    const resized = await upgrade(site.fleet(), ['mg0'], false, { kind: 'size', size: '2gb' })
    expect(resized).toMatchObject({ upgraded: ['mg0'], failures: [] })
    expect(site.swarm.host('mg0').lines).not.toContain('docker node demote id-mg0')
  })

  it('is asked through its only manager when that is upgraded', async () => {
    const site = new FakeSite(1, 1)
    site.swarm.change('id-mg0', { hostname: 'ip-mg0' })
    expect(await upgrade(site.fleet(), ['mg0'], true)).toMatchObject({ upgraded: ['mg0'], failures: [] })
  })
})

describe.concurrent('an upgrade that is resumed after an abort', { timeout: 60_000 }, () => {
  /** node1 has been upgraded, and two wait. */
  async function halfWay() {
    const site = new FakeSite(3, 3)
    await waiting(site, 'node1', 'node2', 'node3')
    for (const name of ['node1', 'node2', 'node3']) {
      const { id, labels } = site.swarm.node(name)
      const state = name === 'node1' ? 'finished' : 'waiting'
      site.swarm.change(id, { availability: 'active', labels: { ...labels, 'belt.upgrade.state': state } })
    }
    return site
  }
  const resume = (site: FakeSite) => resumeUpgrade(site.fleet(), {}, { timeoutMs: 10_000 })

  it('upgrades no node twice, wherever its abort was killed', async () => {
    const killed = async (killAt: number) => {
      const site = await halfWay()
      await abortUpgrade(site.fleet(killAt), SHORT).catch(() => {})
      const { targets } = await readUpgrade(site.fleet())
      const end = targets.length === 0 ? 'given up' : await resume(site).catch(({ code }) => code)
      return { end: end.upgraded ? 'resumed' : end, twice: site.acts.filter(act => act.startsWith('node1')) }
    }
    const ends = await Promise.all([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map(killed))
    expect(ends.flatMap(({ twice }) => twice)).toEqual([])
    expect(new Set(ends.map(({ end }) => end))).toEqual(new Set(['resumed', 'given-up', 'given up']))
  })

  it.each(['node1', 'node2', 'node3'])('is refused after an abort that left the record of %s', async name => {
    const site = await halfWay()
    site.before = (_, line) => {
      if (line.includes('--label-rm') && line.endsWith(`id-${name}`))
        throw new Error('update out of sequence')
    }
    const answers = await abortUpgrade(site.fleet(), SHORT)
    expect(answers.filter(({ ok }) => !ok).map(({ host }) => host)).toEqual([name])
    expect((await readUpgrade(site.fleet())).targets.map(target => target.name)).toEqual([name])
    await expect(resume(site)).rejects.toMatchObject({
      code: 'given-up',
      exitCode: 3,
      hint: expect.stringContaining('belt upgrade --abort'),
    })
    site.before = () => {}
    expect(await abortUpgrade(site.fleet(), SHORT)).toMatchObject([{ host: name, ok: true }])
    expect(site.acts).toEqual([])
    expect((await readUpgrade(site.fleet())).targets).toEqual([])
  })

  it('removes no record before all records tell of the abort', async () => {
    const site = await halfWay()
    site.before = (_, line) => {
      if (line.includes('given-up=yes') && line.endsWith('id-node2'))
        throw new Error('update out of sequence')
    }
    expect(await abortUpgrade(site.fleet(), SHORT)).toMatchObject([{ host: 'node2', ok: false }])
    expect((await readUpgrade(site.fleet())).targets).toHaveLength(3)
  })

  it('leaves a node alone that was upgraded, and has joined anew without its record', async () => {
    const site = await halfWay()
    site.swarm.change('id-node1', { labels: {} })
    expect(await resume(site)).toMatchObject({ upgraded: ['node2', 'node3'], failures: [] })
    expect(site.acts.filter(act => act.startsWith('node1'))).toEqual([])
  })
})

describe.concurrent('a node that comes back', () => {
  it('is seen through another manager when the one that was asked is lost meanwhile', async () => {
    const site = new FakeSite(3, 1)
    site.before = (name, _, input) => {
      const isBack = name === 'node1' && site.acts.length > 0 && isMembershipRead(input)
      if (isBack && !site.host('mg0').down) site.down('mg0')
    }
    await expect(upgrade(site.fleet(), ['node1'])).rejects.toMatchObject({
      code: 'not-healthy',
      message: expect.stringMatching(/^the upgrade stopped after node1: .*manager mg0 is unreachable/),
    })
  })
})

describe.concurrent('an upgrade that is aborted', { timeout: 60_000 }, () => {
  it('restores the nodes behind a lost one, and says how to remove that one', async () => {
    const site = new FakeSite(3, 3)
    await waiting(site, 'node1', 'node2', 'node3')
    for (const name of ['node1', 'node2', 'node3']) {
      const { id, labels } = site.swarm.node(name)
      site.swarm.change(id, { availability: 'drain', labels: { ...labels, 'belt.upgrade.state': 'out' } })
    }
    site.down('node2')
    const answers = await abortUpgrade(site.fleet(), SHORT)
    expect(answers).toMatchObject([
      { host: 'node1', ok: true },
      {
        host: 'node2',
        ok: false,
        error: { hint: expect.stringContaining('belt swarm remove --unreachable node2') },
      },
      { host: 'node3', ok: true },
    ])
    for (const name of ['node1', 'node3'])
      expect(site.swarm.node(name)).toMatchObject({ availability: 'active', labels: {} })
    expect(site.swarm.node('node2').labels).toMatchObject({ 'belt.upgrade.state': 'out' })
  })
})

describe.concurrent('the only manager', () => {
  /** Its engine answers a while after its sshd, and is locked. */
  function slowAndLocked(site: FakeSite) {
    site.swarm.autolock = true
    let answersLeft = 0
    const keys: string[] = []
    site.swarm.also = (_, line, input) => {
      if (line.includes('docker swarm unlock') && !line.includes('unlock-key')) {
        keys.push(input.toString().trim())
        site.swarm.set('mg0', { state: 'active' })
        return {}
      }
      if (site.acts.length > 0 && keys.length === 0) {
        if (answersLeft === 0) site.swarm.set('mg0', { state: 'locked' })
        if (answersLeft++ < 3 && line.startsWith('docker'))
          return { code: 1, stderr: 'Cannot connect to the Docker daemon\n' }
      }
      return undefined
    }
    return keys
  }

  it('is waited for until its engine answers, and unlocked with the key that was read before', async () => {
    const site = new FakeSite(1, 0)
    const keys = slowAndLocked(site)
    const plan = await planUpgrade(site.fleet(), {
      role: 'manager',
      words: ['mg0'],
      upgrade: REBOOT,
      options: { allowOutage: true, allowDowntime: false },
      anyVersion: false,
    })
    const result = await beginUpgrade(site.fleet(), plan, { timeoutMs: 20_000 })
    expect(result).toMatchObject({ upgraded: ['mg0'], failures: [] })
    expect(keys).toEqual(['SWMKEY-1-secret'])
  })
})

describe.concurrent('an upgrade that fails', () => {
  it('before a node is drained tells in which state it is', async () => {
    const site = new FakeSite(3, 1)
    const fleet = site.fleet()
    const host = site.host('node1')
    site.swarm.also = (_, line) => {
      if (line.includes('belt.upgrade.state=waiting'))
        host.down = new HostError('unreachable', 'node1', 'node1: no route to host')
      return undefined
    }
    await expect(upgrade(fleet, ['node1'])).rejects.toMatchObject({
      host: 'node1',
      message: expect.stringMatching(
        /^node1: the upgrade stopped at "take out": no route to host\nit was: worker, active\nit is: machine active/,
      ),
    })
  })

  it('while a wave is drained tells of each of its nodes', async () => {
    const site = new FakeSite(3, 3)
    site.swarm.services.run('db', ['id-node1'])
    site.swarm.services.undying.add('id-node1')
    const failed = upgrade(site.fleet(), ['node[1:2]'])
    await expect(failed).rejects.toMatchObject({ code: 'drain-incomplete' })
    await expect(failed).rejects.toThrow(/^node1, node2: the upgrade stopped at "drain": /)
    await expect(failed).rejects.toThrow(
      /\nnode1: it is: machine active; its engine says active; the managers say ready/,
    )
    await expect(failed).rejects.toThrow(
      /\nnode2: it is: machine active; its engine says active; the managers say ready/,
    )
  })

  it('keeps the record of a node to which somebody else gave another role', async () => {
    const site = new FakeSite(3, 0)
    site.swarm.also = (_, line) => {
      if (line.includes('--availability active'))
        site.swarm.change('id-mg1', { role: 'worker', reachability: undefined })
      return undefined
    }
    const { failures } = await upgrade(site.fleet(), ['mg1'])
    expect(failures).toMatchObject([
      {
        host: 'mg1',
        error: {
          code: 'not-restored',
          message: expect.stringContaining('mg1 is a worker, active, and was a manager, active'),
        },
      },
    ])
    expect(site.swarm.node('mg1').labels).toMatchObject({ 'belt.upgrade.role': 'manager' })
  })
})

describe.concurrent('records that cannot be saved or removed', { timeout: 60_000 }, () => {
  const refuse = (site: FakeSite, words: string) => {
    site.before = (_, line) => {
      if (line.includes(words) && / id-node[12]$/.test(line)) throw new Error('update out of sequence')
    }
  }

  it('stop an upgrade before it starts: the others are tried, and the failures are named', async () => {
    const site = new FakeSite(3, 4)
    refuse(site, 'belt.upgrade.state=waiting')
    await expect(upgrade(site.fleet(), ['node[1:4]'])).rejects.toMatchObject({
      code: 'not-kept',
      message:
        'the upgrade could not be recorded in the swarm\nnode1: update out of sequence\nnode2: update out of sequence',
      hint: expect.stringContaining('belt upgrade --abort'),
    })
    expect((await readUpgrade(site.fleet())).targets.map(({ name }) => name)).toEqual(['node3'])
    expect(site.acts).toEqual([])
  })

  it('are failures of an otherwise finished upgrade, and are removed when it is resumed', async () => {
    const site = new FakeSite(3, 3)
    refuse(site, '--label-rm')
    const result = await upgrade(site.fleet(), ['node[1:3]'])
    expect(result).toMatchObject({
      upgraded: ['node1', 'node2', 'node3'],
      failures: [
        { host: 'node1', error: { code: 'record-kept' } },
        { host: 'node2', error: { code: 'record-kept' } },
      ],
      left: [],
    })
    site.before = () => {}
    expect(await resumeUpgrade(site.fleet(), {}, SHORT)).toMatchObject({ upgraded: [], failures: [] })
    expect(site.acts).toHaveLength(3)
    expect((await readUpgrade(site.fleet())).targets).toEqual([])
  })
})

describe.concurrent('a swarm that the upgrade of a node has harmed', { timeout: 60_000 }, () => {
  /** Upgrades node1 so that it harms the swarm: the run ends before node2. */
  async function harmed(harm: (site: FakeSite) => void, prepare: (site: FakeSite) => void = () => {}) {
    const site = new FakeSite(3, 2)
    site.swarm.services.run('web', ['id-mg0', 'id-mg1', 'id-mg2'])
    prepare(site)
    onCommand(site, 'belt.upgrade.state=finished', () => harm(site))
    const plan = await planUpgrade(site.fleet(), {
      role: 'worker',
      words: ['node[1:2]'],
      upgrade: REBOOT,
      options: { allowOutage: false, allowDowntime: false, maxUnavailable: '1' },
      anyVersion: false,
    })
    await expect(beginUpgrade(site.fleet(), plan, SHORT)).rejects.toMatchObject({ code: 'not-healthy' })
    expect(site.acts).toEqual(['node1 reboot'])
    return site
  }

  it('stops the resumed run as it stopped the first, until its services run as before', async () => {
    const site = await harmed(({ swarm }) => swarm.services.lose('web', 'no suitable node'))
    await expect(resumeUpgrade(site.fleet(), {}, SHORT)).rejects.toMatchObject({
      code: 'not-healthy',
      message: expect.stringContaining('web runs 2 of 3 tasks (no suitable node)'),
    })
    expect(site.acts).toEqual(['node1 reboot'])
    site.swarm.services.recover('web', 'id-mg0')
    expect(await resumeUpgrade(site.fleet(), {}, { timeoutMs: 5000 })).toMatchObject({ upgraded: ['node2'] })
  })

  it('stops the resumed run until the node is ready that was', async () => {
    const site = await harmed(each => each.down('node1'))
    await expect(resumeUpgrade(site.fleet(), {}, SHORT)).rejects.toMatchObject({
      code: 'not-healthy',
      message: expect.stringContaining('node1 is down'),
    })
    expect(site.acts).toEqual(['node1 reboot'])
    await site.up('node1')
    expect(await resumeUpgrade(site.fleet(), {}, { timeoutMs: 5000 })).toMatchObject({ upgraded: ['node2'] })
  })

  it('is not healthy before its global services run on the node again', async () => {
    const site = await harmed(
      () => {},
      ({ swarm }) => {
        swarm.services.run('agent', ['id-node1', 'id-node2'], { mode: 'global', replicas: 0 })
        swarm.services.stuck.set('agent', 'no such plugin')
      },
    )
    await expect(resumeUpgrade(site.fleet(), {}, SHORT)).rejects.toMatchObject({
      code: 'not-healthy',
      message: expect.stringContaining('agent runs 1 of 2 tasks (no such plugin)'),
    })
    expect(site.acts).toEqual(['node1 reboot'])
  })

  it('need not become better than it was when the upgrade was begun', async () => {
    const site = await harmed(
      each => each.down('node1'),
      ({ swarm }) => swarm.services.lose('web', 'no suitable node'),
    )
    await site.up('node1')
    expect(await resumeUpgrade(site.fleet(), {}, { timeoutMs: 5000 })).toMatchObject({ upgraded: ['node2'] })
  })
})
