import { describe, expect, it, vi } from 'vitest'
import { HostError } from '../../src/hosts/errors.ts'
import type { SwarmToJoin } from '../../src/queries/join-standing.ts'
import { joinSwarm } from '../../src/steps/join-swarm.ts'
import { perform } from '../../src/steps/step.ts'
import { FakeSwarm } from '../support/fake-swarm.ts'

function swarmWithManager(): FakeSwarm {
  const swarm = new FakeSwarm()
  swarm.enrol('mg0', 'manager')
  return swarm
}

function target(swarm: FakeSwarm, role: 'worker' | 'manager' = 'worker'): SwarmToJoin {
  return {
    clusterId: swarm.clusterId,
    addresses: ['10.0.0.1:2377'],
    role,
    token: `SWMTKN-1-${role}`,
    managers: { nodes: async () => swarm.nodes(), states: async () => swarm.nodes() },
  }
}

const join = (swarm: FakeSwarm, name: string, role?: 'worker' | 'manager') =>
  joinSwarm(swarm.host(name), target(swarm, role), { advertiseAddress: '10.0.0.9' })

describe('joinSwarm', () => {
  it('joins a host that is outside any swarm', async () => {
    const swarm = swarmWithManager()
    expect((await join(swarm, 'node1').changes()).map(String)).toEqual(['node1 joins as worker'])
    expect(await perform(join(swarm, 'node1'))).toBe(true)
    expect(swarm.nodes().map(node => node.hostname)).toEqual(['mg0', 'node1'])
  })

  it('has nothing to do for a member of this swarm', async () => {
    const swarm = swarmWithManager()
    swarm.enrol('node1', 'worker')
    expect(await perform(join(swarm, 'node1'))).toBe(false)
    expect(swarm.host('node1').requests).not.toContain('POST /swarm/join')
  })

  it('keeps the token out of every command line', async () => {
    const swarm = swarmWithManager()
    await perform(join(swarm, 'node1'))
    expect(swarm.host('node1').lines.join('\n')).not.toContain('SWMTKN')
  })

  it('refuses a manager of another swarm and names both', async () => {
    const swarm = swarmWithManager()
    swarm.set('node1', { state: 'active', nodeId: 'foreign', clusterId: 'cluster-two', role: 'manager' })
    await expect(perform(join(swarm, 'node1'))).rejects.toMatchObject({
      code: 'other-swarm',
      exitCode: 3,
      message: 'node1 belongs to another swarm: cluster-two, not cluster-one',
    })
  })

  it('refuses a worker of another swarm, which only its certificate names', async () => {
    const swarm = swarmWithManager()
    swarm.set('node1', { state: 'active', nodeId: 'foreign', clusterId: 'cluster-two' })
    await expect(perform(join(swarm, 'node1'))).rejects.toMatchObject({ code: 'other-swarm' })
    expect(swarm.host('node1').lines).not.toContain('docker swarm leave')
  })

  it('takes a worker back that the managers had removed', async () => {
    const swarm = swarmWithManager()
    swarm.enrol('node1', 'worker')
    swarm.expel('node1')
    expect(await perform(join(swarm, 'node1'))).toBe(true)
    expect(swarm.host('node1').lines).toContain('docker swarm leave')
    expect(swarm.nodes().map(node => node.hostname)).toContain('node1')
  })

  it('takes a worker back that was removed while its machine was off, and now waits for the managers', async () => {
    const swarm = swarmWithManager()
    swarm.enrol('node1', 'worker')
    swarm.expel('node1')
    swarm.set('node1', { state: 'pending' })
    expect(await perform(join(swarm, 'node1'))).toBe(true)
    expect(swarm.host('node1').lines).toContain('docker swarm leave')
    expect(swarm.nodes().map(node => node.hostname)).toContain('node1')
  })

  it('refuses a member that has the other role, with the command that changes it', async () => {
    const swarm = swarmWithManager()
    swarm.enrol('node1', 'worker')
    await expect(perform(join(swarm, 'node1', 'manager'))).rejects.toMatchObject({
      code: 'wrong-role',
      hint: 'belt swarm promote node1',
    })
  })

  it('waits for a join that the engine gave up waiting for but goes on with', async () => {
    const swarm = swarmWithManager()
    swarm.faults.set('node1', { endsAfterReads: 2 })
    expect(await perform(join(swarm, 'node1'))).toBe(true)
    expect(swarm.host('node1').requests.filter(request => request === 'POST /swarm/join')).toHaveLength(1)
  })

  it('waits for a join that was begun before, and does not begin another', async () => {
    const swarm = swarmWithManager()
    swarm.faults.set('node1', { endsAfterReads: 3 })
    swarm.set('node1', { state: 'pending', role: 'worker' })
    expect(await perform(join(swarm, 'node1'))).toBe(true)
    expect(swarm.host('node1').requests).not.toContain('POST /swarm/join')
  })

  it('waits for a join whose answer was lost on the way', async () => {
    const swarm = swarmWithManager()
    const host = swarm.host('node1')
    swarm.faults.set('node1', { endsAfterReads: 2 })
    const onLate = vi.fn()
    const send = host.run.bind(host)
    const lossy = Object.assign(Object.create(host), {
      run: async (...args: Parameters<typeof host.run>) => {
        const result = await send(...args)
        if (args[0].engine?.path !== '/swarm/join') return result
        throw new HostError('lost', 'node1', 'node1: the connection broke')
      },
    })
    expect(await perform(joinSwarm(lossy, target(swarm), { onLate }))).toBe(true)
    expect(onLate).toHaveBeenCalledTimes(1)
  })

  it('does not wait for a join that the engine has given up', async () => {
    const swarm = swarmWithManager()
    swarm.set('node1', { state: 'pending' })
    const managers = {
      ...target(swarm).managers,
      states: async () => {
        swarm.set('node1', { state: 'inactive' })
        return swarm.nodes()
      },
    }
    const step = joinSwarm(swarm.host('node1'), { ...target(swarm), managers })
    await expect(perform(step)).rejects.toMatchObject({
      code: 'join-given-up',
      message: 'node1: its engine gave up joining the swarm',
    })
    expect(swarm.host('node1').requests).not.toContain('POST /swarm/join')
  })

  it('begins anew where a join came to nothing', async () => {
    const swarm = swarmWithManager()
    swarm.set('node1', {
      state: 'error',
      error: 'rpc error: transport: Error while dialing: no route to host',
    })
    expect(await perform(join(swarm, 'node1'))).toBe(true)
    expect(swarm.host('node1').lines).toContain('docker swarm leave')
  })

  it("reports a refusal in the engine's own words", async () => {
    const swarm = swarmWithManager()
    swarm.faults.set('node1', { refusal: 'remote CA does not match fingerprint. Expected: 00' })
    await expect(perform(join(swarm, 'node1'))).rejects.toMatchObject({
      code: 'join-failed',
      message: 'node1: remote CA does not match fingerprint. Expected: 00',
    })
  })

  it.each(['locked', 'error'] as const)('refuses a host whose swarm state is %s', async state => {
    const swarm = swarmWithManager()
    swarm.set('node1', { state })
    await expect(perform(join(swarm, 'node1'))).rejects.toMatchObject({ code: 'swarm-state', exitCode: 3 })
  })

  it('never joins a host that it could not read', async () => {
    const swarm = swarmWithManager()
    swarm.host('node1').down = new HostError('refused', 'node1', 'node1: connection refused')
    await expect(perform(join(swarm, 'node1'))).rejects.toMatchObject({ failure: 'refused' })
    expect(swarm.nodes()).toHaveLength(1)
  })

  it('never joins a member while the managers cannot be read', async () => {
    const swarm = swarmWithManager()
    swarm.enrol('node1', 'worker')
    const nodes = () => Promise.reject(new Error('no leader'))
    const blind = { ...target(swarm), managers: { ...target(swarm).managers, nodes } }
    await expect(perform(joinSwarm(swarm.host('node1'), blind))).rejects.toThrow('no leader')
    expect(swarm.host('node1').lines).not.toContain('docker swarm leave')
  })
})
