import { afterAll, describe, expect, it } from 'vitest'
import type { Machine, Outcome } from '../../src/drivers/driver.ts'
import { retry } from '../../src/retry.ts'
import { requireEngine } from '../support/engine.ts'
import { LocalMachines } from '../support/local-machines.ts'
import { driverContract, type MakerUnderTest, makerContract } from './driver.ts'

const PREFIX = '10.212.77'
const SUBNET = `${PREFIX}.0/24`

const engine = await requireEngine()

async function localMachines(host: string): Promise<MakerUnderTest> {
  const machines = new LocalMachines(host)
  const { cluster } = machines
  await machines.makeForeign(`belt.${cluster}.taken`)
  return {
    driver: machines.driver(),
    neighbour: machines.driver('-other'),
    unreachable: machines.driver('', { host: 'unix:///nowhere/docker.sock' }),
    names: ['node1', 'node2', 'node3', 'node10'],
    impossible: 'taken',
    leaveHalfMade: name => machines.leaveHalfMade(name),
    dispose: () => machines.dispose(),
  }
}

describe.skipIf(!engine)('on a real Docker Engine', () => {
  const { host } = engine ?? { host: '' }
  driverContract('docker', () => localMachines(host))
  makerContract('docker', () => localMachines(host))

  describe('a local machine', () => {
    const machines = new LocalMachines(host)
    const driver = machines.driver('', { subnet: SUBNET })
    const create = async (...names: string[]) =>
      (await driver.create(names.map(name => ({ name, size: '512mb' })))).map(machineOf)
    afterAll(() => machines.dispose())

    it('lets the key in, under its own name, once its engine answers', async () => {
      const [machine] = await create('node1')
      const said = await machines.ssh(machine as Machine, 'hostname; docker version --format {{.Server.Os}}')
      expect(said).toBe('node1\nlinux\n')
    })

    it('gets the lowest free address of the subnet, past one that something foreign has', async () => {
      const [node1] = await create('node1')
      expect(node1?.privateAddress).toBe(`${PREFIX}.2`)
      const [network] = await machines.networks()
      const id = network?.Id ?? ''
      const foreign = await machines.makeForeign(`${machines.cluster}-foreign`, {
        HostConfig: { NetworkMode: id },
        NetworkingConfig: { EndpointsConfig: { [id]: { IPAMConfig: { IPv4Address: `${PREFIX}.3` } } } },
      })
      await foreign.start()
      const [node2] = await create('node2')
      expect(node2?.privateAddress).toBe(`${PREFIX}.4`)
      await foreign.remove({ force: true })
    })

    it('comes back from a power cut with its address, its host key and its place in the swarm', async () => {
      const [node1, node2] = (await create('node1', 'node2')) as [Machine, Machine]
      await machines.ssh(node2, 'true')
      machines.exec('node1', 'docker', 'swarm', 'init', '--advertise-addr', node1.privateAddress ?? '')
      const token = machines.exec('node1', 'docker', 'swarm', 'join-token', '-q', 'worker')
      machines.exec('node2', 'docker', 'swarm', 'join', '--token', token, `${node1.privateAddress}:2377`)

      await machines.docker.getContainer(node2.id).kill()
      expect((await driver.list()).find(({ name }) => name === 'node2')?.status).toBe('off')
      const [back] = ((await driver.start([node2])) ?? []).map(machineOf)
      expect(back?.privateAddress).toBe(node2.privateAddress)
      expect(await machines.ssh(node2, 'hostname')).toBe('node2\n')
      const rows = () =>
        machines.exec('node1', 'docker', 'node', 'ls', '--format', '{{.Hostname}} {{.Status}}')
      await retry(async () => expect(rows()).toContain('node2 Ready'), { deadlineMs: 40_000, everyMs: 500 })
    })

    it('is told apart from another network of the cluster', async () => {
      const elsewhere = machines.driver('', { subnet: '10.213.0.0/24' })
      await expect(elsewhere.create([{ name: 'node3', size: '512mb' }])).rejects.toMatchObject({
        code: 'subnet-differs',
        hint: expect.stringContaining(SUBNET),
      })
    })

    it('may not use the addresses of another network', async () => {
      const clash = machines.driver('-clash', { subnet: SUBNET })
      await expect(clash.create([{ name: 'node1', size: '512mb' }])).rejects.toMatchObject({
        code: 'engine-refused',
        hint: expect.stringContaining('docker.subnet'),
      })
    })

    it('is refused a size that is no amount of memory', async () => {
      await expect(driver.create([{ name: 'node3', size: 's-1vcpu-1gb' }])).rejects.toMatchObject({
        code: 'bad-size',
        exitCode: 2,
        hint: expect.stringContaining('512mb'),
      })
      expect((await driver.list()).map(({ name }) => name)).not.toContain('node3')
    })

    it('takes its volume with it, and the last one the network', async () => {
      await create('node1', 'node2')
      const volumes = await machines.volumes()
      expect(volumes.length).toBe(2)
      const all = await driver.list()
      await driver.destroy(all.slice(0, 1))
      expect(await machines.networks()).toHaveLength(1)
      await driver.destroy(all)
      expect(await machines.networks()).toHaveLength(0)
      for (const volume of volumes) {
        await expect(machines.docker.getVolume(volume).inspect()).rejects.toMatchObject({ statusCode: 404 })
      }
    })

    it('leaves no network behind when none can be made', async () => {
      await machines.makeForeign(`belt.${machines.cluster}.taken`)
      const [outcome] = await driver.create([{ name: 'taken', size: '512mb' }])
      expect(outcome).toMatchObject({ ok: false, error: { code: 'name-taken' } })
      expect(await machines.networks()).toHaveLength(0)
    })

    it('that is half made is completed, even when its network is gone', async () => {
      await machines.leaveHalfMade('node1')
      for (const { Id } of await machines.networks()) await machines.docker.getNetwork(Id).remove()
      expect(await create('node1')).toMatchObject([{ status: 'active', privateAddress: `${PREFIX}.2` }])
      await driver.destroy(await driver.list())
    })

    it('is made once when two Belts make it at the same time', async () => {
      const two = [machines.driver('-twice'), machines.driver('-twice')]
      const specs = ['node1', 'node2', 'node3'].map(name => ({ name, size: '256mb' }))
      const [ours, theirs] = await Promise.all(two.map(one => one.create(specs)))
      expect(ours?.map(machineOf).map(({ id }) => id)).toEqual(theirs?.map(machineOf).map(({ id }) => id))
      const listed = await machines.driver('-twice').list()
      expect(listed.map(({ name, status }) => [name, status])).toEqual(
        specs.map(({ name }) => [name, 'active']),
      )
    })
  })
})

function machineOf(outcome: Outcome): Machine {
  if (!outcome.ok) throw outcome.error
  return outcome.machine
}
