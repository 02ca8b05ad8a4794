import { type Clock, systemClock } from '../../src/clock.ts'
import { HostError } from '../../src/hosts/errors.ts'
import { FakeDisks } from './fake-disks.ts'
import { FakeDriver } from './fake-driver.ts'
import { fakeFleet } from './fake-fleet.ts'
import { FakeSwarm } from './fake-swarm.ts'

/** Four managers without a leader, and a worker; all answer until they are lost. */
export async function swarmOfFour(clock: Clock = systemClock) {
  const names = ['mg0', 'mg1', 'mg2', 'mg3']
  const driver = new FakeDriver('prod').with(...names, 'node1')
  const swarm = new FakeSwarm()
  const disks = new FakeDisks(swarm)
  for (const machine of await driver.list()) {
    const role = names.includes(machine.name) ? 'manager' : 'worker'
    swarm.enrol(machine.name, role, { address: machine.privateAddress ?? '', id: `old-${machine.name}` })
  }
  swarm.leaderless = true
  const fleet = fakeFleet(driver, name => swarm.host(name), { clock })
  const machines = async (chosen: string[]) =>
    (await driver.list()).filter(({ name }) => chosen.includes(name))
  return {
    swarm,
    disks,
    fleet,
    /** Switches machines off, as a driver sees and the swarm does. */
    async turnOff(...chosen: string[]) {
      await driver.shutdown(await machines(chosen))
      for (const name of chosen)
        swarm.host(name).down = new HostError('unreachable', name, `${name} is switched off`)
    },
    /** Switches machines on, whose hosts do not answer yet. */
    async turnOn(...chosen: string[]) {
      await driver.start(await machines(chosen))
    },
    /** Gives a machine another private address. */
    moveTo(name: string, privateAddress: string) {
      const own = driver.vendor.machinesOf('prod')
      const machine = own.get(name)
      if (machine) own.set(name, { ...machine, privateAddress })
    },
    async destroy(...chosen: string[]) {
      await driver.destroy(await machines(chosen))
    },
  }
}
