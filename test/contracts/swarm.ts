import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Host } from '../../src/hosts/host.ts'
import { readMembership } from '../../src/queries/membership.ts'
import { readNodeStates, readNodes } from '../../src/queries/nodes.ts'
import { readTasks } from '../../src/queries/services.ts'
import type { Command } from '../../src/remote/command.ts'
import { engineRequest, parseEngineResponse } from '../../src/remote/engine.ts'
import {
  availabilityCommand,
  labelCommand,
  type Node,
  removeNodeCommand,
  roleCommand,
} from '../../src/remote/nodes.ts'
import { joinCommand, joinTokenCommand, leaveCommand } from '../../src/remote/swarm.ts'
import { retry } from '../../src/retry.ts'

/** Hosts with an engine each. */
export interface SwarmUnderTest {
  /** `mg0` leads the managers `mg1` and `mg2`, `node1` is their worker, and `spare` is in no swarm. */
  host(name: 'mg0' | 'mg1' | 'mg2' | 'node1' | 'spare'): Host
  /** Runs a service that has one task, on this node. */
  runService(name: string, node: Node): Promise<void>
  /** Ends hosts as a power cut does. */
  kill(...names: string[]): Promise<void>
  dispose(): Promise<void>
}

const MANAGERS = ['mg0', 'mg1', 'mg2'] as const
const SOON = { deadlineMs: 60_000, everyMs: 200 }

/** What Belt relies on in the engines of a swarm. The tests build on each other: the last one loses the quorum. */
export function swarmContract(adapter: string, setUp: () => Promise<SwarmUnderTest>): void {
  describe(`a swarm of ${adapter}`, () => {
    let swarm: SwarmUnderTest
    beforeAll(async () => {
      swarm = await setUp()
    })
    afterAll(() => swarm?.dispose())

    const nodeOf = async (hostname: string): Promise<Node> => {
      const node = (await readNodes(swarm.host('mg0'))).find(candidate => candidate.hostname === hostname)
      if (!node) throw new Error(`${hostname} is not listed`)
      return node
    }
    const eventually = (check: () => Promise<void>) => retry(check, SOON)
    const run = (name: Parameters<SwarmUnderTest['host']>[0], command: Command) =>
      swarm.host(name).run(command)
    const ask = async (
      name: Parameters<SwarmUnderTest['host']>[0],
      ...request: [Method, string, object?]
    ) => {
      const { stdout, stderr } = await run(name, engineRequest(request[0], request[1], request[2] ?? {}))
      const answer = parseEngineResponse(stdout)
      if (!answer) throw new Error(`no answer: ${stderr}`)
      return answer
    }
    const tokenOf = async (role: 'worker' | 'manager') =>
      (await run('mg0', joinTokenCommand(role))).stdout.trim()
    const join = async (token: string) => {
      const { address } = await nodeOf('mg0')
      const command = joinCommand({ token, managers: [`${address}:2377`] })
      return parseEngineResponse((await run('spare', command)).stdout)
    }

    describe('tells on each host how it stands', () => {
      it.each(MANAGERS)('as a manager: %s', async name => {
        const membership = await readMembership(swarm.host(name))
        const nodes = await readNodes(swarm.host(name))
        const own = nodes.find(({ hostname }) => hostname === name)
        expect(membership).toMatchObject({ state: 'active', isManager: true, error: undefined })
        expect(membership.clusterId).toBe((await readMembership(swarm.host('mg0'))).clusterId)
        expect(membership.clusterId).toMatch(/./)
        expect([membership.nodeId, membership.nodeAddress]).toEqual([own?.id, own?.address])
        const managers = nodes.filter(({ role }) => role === 'manager')
        expect(membership.managers.toSorted(byNode)).toEqual(
          managers.map(({ id, address }) => ({ nodeId: id, address: `${address}:2377` })).toSorted(byNode),
        )
      })

      it('as a worker, which does not tell its swarm', async () => {
        const { id, address } = await nodeOf('node1')
        const membership = await readMembership(swarm.host('node1'))
        expect(membership).toMatchObject({
          state: 'active',
          nodeId: id,
          nodeAddress: address,
          isManager: false,
          clusterId: undefined,
          error: undefined,
        })
        expect(membership.managers).toHaveLength(3)
      })

      it('as one outside', async () => {
        expect(await readMembership(swarm.host('spare'))).toEqual({
          state: 'inactive',
          nodeId: undefined,
          nodeAddress: undefined,
          isManager: false,
          managers: [],
          clusterId: undefined,
          error: undefined,
          hasExpired: false,
          certificateLifeMs: undefined,
        })
      })
    })

    describe('lists its nodes', () => {
      it('with what is known of each', async () => {
        const nodes = (await readNodes(swarm.host('mg1'))).toSorted(byName)
        expect(nodes.map(({ hostname, role, reachability }) => [hostname, role, reachability])).toEqual([
          ['mg0', 'manager', 'reachable'],
          ['mg1', 'manager', 'reachable'],
          ['mg2', 'manager', 'reachable'],
          ['node1', 'worker', undefined],
        ])
        expect(nodes.filter(({ isLeader }) => isLeader).map(({ hostname }) => hostname)).toEqual(['mg0'])
        for (const node of nodes)
          expect(node).toMatchObject({
            id: expect.stringMatching(/./),
            availability: 'active',
            state: 'ready',
            labels: {},
            engineLabels: {},
            engineVersion: expect.stringMatching(/^\d+\.\d+/),
            platform: { os: 'linux', architecture: expect.stringMatching(/./) },
          })
        expect(new Set(nodes.map(({ address }) => address)).size).toBe(4)
      })

      it('in short as in full', async () => {
        const nodes = await readNodes(swarm.host('mg0'))
        const states = await readNodeStates(swarm.host('mg0'))
        expect(states.toSorted(byId)).toEqual(
          nodes.map(({ id, state, reachability }) => ({ id, state, reachability })).toSorted(byId),
        )
      })

      it('and each alone, or says that it is not there', async () => {
        const { id } = await nodeOf('node1')
        const all = JSON.parse((await ask('mg0', 'GET', '/nodes')).body) as { ID: string }[]
        const one = await ask('mg0', 'GET', `/nodes/${id}`)
        expect(JSON.parse(one.body)).toEqual(all.find(({ ID }) => ID === id))
        expect((await ask('mg0', 'GET', '/nodes/nosuchnode')).status).toBe(404)
      })

      it.each(['node1', 'spare'] as const)('on managers alone, and so not on %s', async name => {
        for (const path of ['/nodes', '/nodes/nosuchnode', '/services', '/configs/nosuchconfig'])
          expect(await ask(name, 'GET', path)).toMatchObject({
            status: 503,
            body: expect.stringContaining('This node is not a swarm manager.'),
          })
        expect(await run(name, joinTokenCommand('worker'))).toMatchObject({
          code: 1,
          stderr: expect.stringContaining('This node is not a swarm manager.'),
        })
      })
    })

    it('runs services, whose tasks are found by node and by service', async () => {
      const [node, other] = [await nodeOf('node1'), await nodeOf('mg1')]
      await swarm.runService('web', node)
      const services = JSON.parse((await ask('mg0', 'GET', '/services')).body) as {
        ID: string
        Spec: { Name: string }
      }[]
      expect(services.map(({ Spec }) => Spec.Name)).toEqual(['web'])
      const serviceIds = services.map(({ ID }) => ID)
      const found = (filter: Parameters<typeof readTasks>[1]) => readTasks(swarm.host('mg0'), filter)
      await eventually(async () =>
        expect(await found({ nodeIds: [node.id], wanted: true })).toMatchObject([
          { nodeId: node.id, serviceId: serviceIds[0], state: 'running', desiredState: 'running' },
        ]),
      )
      expect(await found({ serviceIds, nodeIds: [node.id, other.id] })).toHaveLength(1)
      expect(await found({ serviceIds, nodeIds: [other.id] })).toEqual([])
      await expect(found({ serviceIds: ['nosuchservice'] })).rejects.toThrow('nosuchservice not found')
    })

    it('moves the tasks away from a node that is drained', async () => {
      const { id } = await nodeOf('node1')
      expect((await run('mg1', availabilityCommand(id, 'drain'))).code).toBe(0)
      expect((await nodeOf('node1')).availability).toBe('drain')
      await eventually(async () => {
        const tasks = await readTasks(swarm.host('mg0'), { nodeIds: [id] })
        expect(tasks.filter(({ state }) => state === 'running')).toEqual([])
      })
      expect((await run('mg1', availabilityCommand(id, 'active'))).code).toBe(0)
      expect((await nodeOf('node1')).availability).toBe('active')
    })

    it('sets and removes labels of nodes', async () => {
      const { id } = await nodeOf('node1')
      const labels = new Map([
        ['zone', 'a=b'],
        ['disk', ''],
      ])
      expect((await run('mg0', labelCommand(id, labels, []))).code).toBe(0)
      expect((await nodeOf('node1')).labels).toEqual({ zone: 'a=b', disk: '' })
      await run('mg2', labelCommand(id, new Map([['zone', 'c']]), ['disk']))
      expect((await nodeOf('node1')).labels).toEqual({ zone: 'c' })
    })

    it.each<[string, (id: string) => Command]>([
      ['availability', id => availabilityCommand(id, 'drain')],
      ['labels', id => labelCommand(id, new Map([['zone', 'a']]), [])],
      ['role', id => roleCommand(id, 'manager')],
      ['removal', removeNodeCommand],
    ])('refuses the %s of a node that is not there', async (_, command) => {
      const { code, stderr } = await run('mg0', command('nosuchnode'))
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/nosuchnode/) })
    })

    it('makes a worker of a manager and a manager of it again', async () => {
      const { id } = await nodeOf('mg2')
      const becomes = (reachability: Node['reachability'], isManager: boolean) =>
        eventually(async () => {
          expect((await nodeOf('mg2')).reachability).toBe(reachability)
          expect((await readMembership(swarm.host('mg2'))).isManager).toBe(isManager)
        })
      expect((await run('mg1', roleCommand(id, 'worker'))).code).toBe(0)
      expect((await nodeOf('mg2')).role).toBe('worker')
      await becomes(undefined, false)
      expect((await run('mg1', roleCommand(id, 'manager'))).code).toBe(0)
      expect((await nodeOf('mg2')).role).toBe('manager')
      await becomes('reachable', true)
    })

    it('keeps nodes on its list that are ready, and managers', async () => {
      const remove = async (name: string) =>
        (await run('mg0', removeNodeCommand((await nodeOf(name)).id))).stderr
      expect(await remove('node1')).toContain("is not down and can't be removed")
      expect(await remove('mg1')).toContain('is a cluster manager and is a member of the raft cluster')
      expect(await readNodes(swarm.host('mg0'))).toHaveLength(4)
    })

    it('does not let its last manager leave unless it is forced to', async () => {
      const { code, stderr } = await run('mg0', leaveCommand(false))
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/as a manager/) })
    })

    it('lets in who has the token of the day, and takes it for a worker', async () => {
      const old = await tokenOf('worker')
      const manager = await tokenOf('manager')
      const { stdout } = await run('mg0', joinTokenCommand('worker', true))
      expect(stdout.trim()).toBe(await tokenOf('worker'))
      expect(stdout.trim()).not.toBe(old)
      expect(await tokenOf('manager')).toBe(manager)
      expect(await join(old)).toMatchObject({
        body: expect.stringContaining('A valid join token is necessary'),
      })
      expect((await readMembership(swarm.host('spare'))).state).not.toBe('active')
      expect(await join(await tokenOf('worker'))).toMatchObject({ status: 200 })
      await eventually(async () =>
        expect(await nodeOf('spare')).toMatchObject({ role: 'worker', state: 'ready' }),
      )
      expect(await readMembership(swarm.host('spare'))).toMatchObject({ state: 'active', isManager: false })
    })

    it('takes a worker that left for down, and off the list when it is told to', async () => {
      const { id } = await nodeOf('spare')
      expect((await run('spare', leaveCommand(false))).code).toBe(0)
      expect((await readMembership(swarm.host('spare'))).state).toBe('inactive')
      await eventually(async () => expect((await nodeOf('spare')).state).toBe('down'))
      expect((await run('mg1', removeNodeCommand(id))).code).toBe(0)
      expect((await ask('mg0', 'GET', `/nodes/${id}`)).status).toBe(404)
    })

    it('keeps configs of unique names, which change only for who knows their version', async () => {
      const spec = (holder: string) => ({ Name: 'lock', Labels: { holder }, Data: 'eA==' })
      const read = async () => JSON.parse((await ask('mg1', 'GET', '/configs/lock')).body)
      const made = await ask('mg0', 'POST', '/configs/create', spec('alice'))
      expect(made.status).toBe(201)
      expect((await ask('mg2', 'POST', '/configs/create', spec('bob'))).status).toBe(409)
      const first = await read()
      expect(first).toMatchObject({
        ID: JSON.parse(made.body).ID,
        Spec: { Name: 'lock', Labels: { holder: 'alice' } },
      })
      const update = (version: number, holder: string) =>
        ask('mg2', 'POST', `/configs/${first.ID}/update?version=${version}`, {
          Name: 'lock',
          Labels: { holder },
        })
      expect((await update(first.Version.Index, 'carol')).status).toBe(200)
      expect(await update(first.Version.Index, 'bob')).toMatchObject({
        body: expect.stringContaining('update out of sequence'),
      })
      const second = await read()
      expect(second).toMatchObject({ ID: first.ID, Spec: { Labels: { holder: 'carol' } } })
      expect(second.Version.Index).toBeGreaterThan(first.Version.Index)
      expect((await ask('mg0', 'DELETE', `/configs/${first.ID}`)).status).toBe(204)
      expect((await ask('mg1', 'GET', '/configs/lock')).status).toBe(404)
      expect((await ask('mg0', 'DELETE', `/configs/${first.ID}`)).status).toBe(404)
      expect((await update(second.Version.Index, 'bob')).status).toBe(404)
    })

    it('answers that it has no leader where most managers are gone, and nothing else', async () => {
      const before = await readMembership(swarm.host('mg2'))
      await swarm.kill('mg0', 'mg1')
      await eventually(async () =>
        expect(await ask('mg2', 'GET', '/nodes')).toMatchObject({
          status: 500,
          body: expect.stringContaining('The swarm does not have a leader'),
        }),
      )
      expect(await readMembership(swarm.host('mg2'))).toMatchObject({
        nodeId: before.nodeId,
        isManager: true,
        clusterId: undefined,
        error: expect.stringContaining('The swarm does not have a leader'),
      })
      expect(await readMembership(swarm.host('node1'))).toMatchObject({ state: 'active', isManager: false })
      expect((await ask('mg2', 'GET', '/configs/nosuchconfig')).status).toBe(500)
      expect((await ask('mg2', 'GET', '/services')).status).toBe(500)
      expect(await run('mg2', joinTokenCommand('worker'))).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('The swarm does not have a leader'),
      })
    })
  })
}

type Method = 'GET' | 'POST' | 'DELETE'

const byId = (a: { id: string }, b: { id: string }) => a.id.localeCompare(b.id)
const byNode = (a: { nodeId: string }, b: { nodeId: string }) => a.nodeId.localeCompare(b.nodeId)
const byName = (a: { hostname: string }, b: { hostname: string }) => a.hostname.localeCompare(b.hostname)
