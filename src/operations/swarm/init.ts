import { foldShort } from '../../domain/ranges.ts'
import { poolClash } from '../../domain/swarm/address-pools.ts'
import type { Machine } from '../../drivers/driver.ts'
import { precheckError, usageError } from '../../errors.ts'
import { readOwnAddress } from '../../queries/addresses.ts'
import { initSwarm } from '../../steps/init-swarm.ts'
import { perform } from '../../steps/step.ts'
import { assertNoneDenied } from '../assert-may.ts'
import type { Fleet } from '../fleet.ts'
import { addressesOf, swarmAddress } from '../machines/address.ts'
import { selectMachines } from '../select-machines.ts'
import { readMemberships } from './read-memberships.ts'

export interface SwarmStart {
  readonly node: string
  readonly address: string
  /** False if the node already was a manager. */
  readonly changed: boolean
}

/**
 * Starts a swarm on one machine, and makes it the active host. Safe to run again.
 * @param name the machine (default: the active host, otherwise the first machine)
 * @throws a precheck error if another machine is in a swarm, or cannot be asked: a second swarm in one cluster is worse
 *   than none
 */
export async function startSwarm(fleet: Fleet, name: string | undefined): Promise<SwarmStart> {
  const machines = await fleet.machines.list(fleet.signal)
  const machine = await chooseMachine(fleet, machines, name)
  await assertFirstSwarm(fleet, machines, machine)
  const address = await addressToAdvertise(fleet, machine)
  const step = initSwarm(fleet.host(machine), { advertiseAddress: address, ...fleet.swarm }, fleet)
  if ((await step.changes()).length > 0) checkAddressPools(fleet, machines)
  const changed = await perform(step)
  await fleet.activeHost.set(machine.name)
  return { node: machine.name, address, changed }
}

/** The address from the driver, or the one that the host itself knows: that of a host with a DNS name, say. */
async function addressToAdvertise(fleet: Fleet, machine: Machine): Promise<string> {
  const address =
    swarmAddress(fleet, machine) ?? (machine.ssh && (await readOwnAddress(fleet.host(machine), fleet.signal)))
  if (address !== undefined) return address
  throw precheckError('no-address', `${machine.name} has no address to advertise`, {
    host: machine.name,
    hint: 'belt status --wait active=1, or set swarm.advertise to public',
  })
}

async function chooseMachine(
  fleet: Fleet,
  machines: readonly Machine[],
  name: string | undefined,
): Promise<Machine> {
  const wanted = name ?? (await fleet.activeHost.get()) ?? machines[0]?.name
  if (wanted === undefined) {
    throw usageError('no-machines', `${fleet.cluster} has no machines`, { hint: "belt create 1gb 'mg[0:2]'" })
  }
  const [machine, ...more] = await selectMachines(fleet, wanted)
  if (!machine || more.length > 0) {
    throw usageError('one-machine', `a swarm starts on one machine, not on ${wanted}`, {
      hint: `belt swarm init ${machine?.name ?? 'NAME'}, then belt swarm join --manager for the others`,
    })
  }
  return machine
}

async function assertFirstSwarm(fleet: Fleet, machines: readonly Machine[], chosen: Machine): Promise<void> {
  const [own] = await readMemberships(fleet, [chosen])
  if (own?.ok && own.value.state === 'active') return
  // Includes machines that are off, because they may be in a swarm.
  const others = machines.filter(machine => machine.name !== chosen.name)
  const answers = await readMemberships(fleet, others)
  const members = answers.filter(answer => answer.ok && answer.value.state !== 'inactive')
  if (members.length > 0) {
    const names = members.map(member => member.host)
    throw precheckError(
      'swarm-exists',
      `${foldShort(names)} of ${fleet.cluster} ${belong(names)} to a swarm already`,
      {
        hint: `belt swarm join --manager ${names[0]} ${chosen.name}, or make it the active host: belt active ${names[0]}`,
      },
    )
  }
  assertNoneDenied(answers)
  const unread = answers.flatMap(answer => (answer.ok ? [] : [answer]))
  if (unread[0]) {
    throw precheckError(
      'unknown-membership',
      `cannot tell whether ${foldShort(unread.map(answer => answer.host))} already ${belong(unread)} to a swarm: ${unread[0].error.message}`,
      { hint: 'start them or remove their machines first' },
    )
  }
}

function belong(members: readonly unknown[]): string {
  return members.length === 1 ? 'belongs' : 'belong'
}

/**
 * Warns if the networks of services may take the addresses of hosts.
 * @throws a precheck error if the config chooses a pool that holds such addresses
 */
function checkAddressPools(fleet: Fleet, machines: readonly Machine[]): void {
  const hosts = machines.map(machine => ({ name: machine.name, addresses: addressesOf(machine) }))
  const clash = poolClash(fleet.swarm.defaultAddressPools, hosts)
  if (!clash) return
  const holds = `${clash.pools.join(' and ')} ${clash.pools.length === 1 ? 'holds' : 'hold'} the addresses of ${foldShort(clash.hosts)}`
  const remedy = 'set swarm.default_addr_pool to a range that no host and no network of yours is in'
  if (clash.isChosen)
    throw precheckError('address-pool', `the pool for the networks of services clashes: ${holds}`, {
      hint: `${remedy}: containers would not reach these hosts`,
      details: { pools: clash.pools, hosts: clash.hosts },
    })
  fleet.progress.note(
    `warning: the swarm takes the networks of its services from its default pool, and ${holds}; containers cannot reach a host whose address is in such a network; to avoid that, ${remedy}, which cannot change later`,
  )
}
