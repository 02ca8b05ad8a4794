import { describe, expect, it } from 'vitest'
import { StaticDriver } from '../../../src/drivers/static/driver.ts'
import { HostError } from '../../../src/hosts/errors.ts'
import { MachineList } from '../../../src/operations/machine-list.ts'
import { startSwarm } from '../../../src/operations/swarm/init.ts'
import { ownAddressCommand } from '../../../src/remote/addresses.ts'
import { reading } from '../../../src/remote/command.ts'
import { FakeDriver } from '../../support/fake-driver.ts'
import { fakeFleet } from '../../support/fake-fleet.ts'
import { FakeSwarm } from '../../support/fake-swarm.ts'

function fleetOf(...names: string[]) {
  const swarm = new FakeSwarm()
  const fleet = fakeFleet(new FakeDriver().with(...names), name => swarm.host(name))
  const started = () =>
    names.filter(name => swarm.host(name).lines.some(line => line.startsWith('docker swarm init')))
  return { swarm, fleet, started }
}

describe('startSwarm', () => {
  it('advertises the private address and makes the machine the active host', async () => {
    const { fleet } = fleetOf('mg0', 'mg1')
    const start = await startSwarm(fleet, 'mg0')
    expect(start).toMatchObject({ node: 'mg0', changed: true, address: expect.stringMatching(/^10\./) })
    expect(await fleet.activeHost.get()).toBe('mg0')
  })

  it('advertises the public address if the config says so', async () => {
    const { fleet } = fleetOf('mg0')
    const start = await startSwarm({ ...fleet, swarm: { advertise: 'public' } }, 'mg0')
    expect(start.address).toMatch(/^198\.18\./)
  })

  it('advertises what the host says, where the config has only a name of DNS', async () => {
    const { swarm } = fleetOf('mg0')
    const driver = new StaticDriver({
      hosts: [{ name: 'mg0', address: 'mg0.example.com', user: 'root', port: 22 }],
    })
    const host = swarm.host('mg0')
    const run = host.run.bind(host)
    host.run = async (command, options) =>
      command === ownAddressCommand
        ? { ...(await run(reading('true'))), code: 0, stdout: 'ssh 192.0.2.9 50000 10.0.0.7 22\n' }
        : run(command, options)
    const fleet = { ...fakeFleet(new FakeDriver(), () => host), machines: new MachineList(driver) }
    const start = await startSwarm(fleet, 'mg0')
    expect(start.address).toBe('10.0.0.7')
    expect(host.lines.filter(line => line.startsWith('docker swarm init')).join()).toContain(
      '--advertise-addr 10.0.0.7',
    )
  })

  it('uses the active host, or else the first machine, if none is given', async () => {
    const { fleet, started } = fleetOf('mg0', 'mg1')
    await fleet.activeHost.set('mg1')
    await startSwarm(fleet, undefined)
    expect(started()).toEqual(['mg1'])
    const other = fleetOf('mg10', 'mg2')
    await startSwarm(other.fleet, undefined)
    expect(other.started()).toEqual(['mg2'])
  })

  it('does nothing on a manager except making it the active host', async () => {
    const { swarm, fleet, started } = fleetOf('mg0', 'mg1')
    swarm.enrol('mg0', 'manager')
    swarm.host('mg1').down = new HostError('refused', 'mg1', 'mg1: connection refused')
    expect(await startSwarm(fleet, 'mg0')).toMatchObject({ changed: false })
    expect(started()).toEqual([])
    expect(await fleet.activeHost.get()).toBe('mg0')
  })

  it('refuses when another machine is in a swarm', async () => {
    const { swarm, fleet, started } = fleetOf('mg0', 'mg1')
    swarm.enrol('mg1', 'manager')
    await expect(startSwarm(fleet, 'mg0')).rejects.toMatchObject({ code: 'swarm-exists', exitCode: 3 })
    expect(started()).toEqual([])
  })

  it('refuses if another machine cannot be read and may be in a swarm', async () => {
    const { swarm, fleet, started } = fleetOf('mg0', 'mg1')
    swarm.host('mg1').down = new HostError('unreachable', 'mg1', 'mg1: no route to host')
    await expect(startSwarm(fleet, 'mg0')).rejects.toMatchObject({ code: 'unknown-membership', exitCode: 3 })
    expect(started()).toEqual([])
  })

  it('refuses while a machine is off, because it may be in a swarm', async () => {
    const { swarm, fleet, started } = fleetOf('mg0', 'mg1')
    await fleet.driver.shutdown?.((await fleet.driver.list()).slice(1))
    swarm.host('mg1').down = new HostError('unreachable', 'mg1', 'mg1 is switched off')
    await expect(startSwarm(fleet, 'mg0')).rejects.toMatchObject({ code: 'unknown-membership', exitCode: 3 })
    expect(started()).toEqual([])
  })

  it('starts on one machine only', async () => {
    const { fleet, started } = fleetOf('mg0', 'mg1')
    await expect(startSwarm(fleet, 'mg[0:1]')).rejects.toMatchObject({ exitCode: 2 })
    expect(started()).toEqual([])
  })

  it('warns of hosts in the default address pool, when it starts a swarm and never again', async () => {
    const { fleet } = fleetOf('mg0', 'mg1')
    const notes: string[] = []
    const noting = { ...fleet, progress: { ...fleet.progress, note: (text: string) => notes.push(text) } }
    await startSwarm(noting, 'mg0')
    expect(notes).toEqual([expect.stringContaining('10.0.0.0/8 holds the addresses of mg0, mg1')])
    await startSwarm(noting, 'mg0')
    expect(notes).toHaveLength(1)
  })

  it('refuses a chosen address pool that holds the address of a host', async () => {
    const { fleet, started } = fleetOf('mg0', 'mg1')
    const chosen = { ...fleet, swarm: { ...fleet.swarm, defaultAddressPools: ['10.99.0.0/16'] } }
    await expect(startSwarm(chosen, 'mg0')).rejects.toMatchObject({ code: 'address-pool', exitCode: 3 })
    expect(started()).toEqual([])
  })
})
