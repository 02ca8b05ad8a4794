import type { RaftProgress } from '../../domain/raft-progress.ts'
import type { Machine } from '../../drivers/driver.ts'
import { type BeltError, precheckError, usageError } from '../../errors.ts'
import { answersAt } from '../../queries/addresses.ts'
import { readCertificate } from '../../queries/certificate.ts'
import { readAutolock, readRaftProgress } from '../../queries/read-manager.ts'
import { type Membership, SWARM_PORT } from '../../remote/swarm.ts'
import { assertNoneDenied } from '../assert-may.ts'
import type { Fleet } from '../fleet.ts'
import { takesPart } from '../swarm/find-manager.ts'
import { readMemberships } from '../swarm/read-memberships.ts'
import { type MissingManager, missingManagers } from './missing.ts'

/** A manager that answers, of a swarm that has no leader. */
export interface Survivor {
  readonly name: string
  readonly machine: Machine
  readonly nodeId: string
  /** What it advertises. */
  readonly address: string
  readonly clusterId: string
  readonly progress: RaftProgress
  /** The managers that it knows, itself included. */
  readonly known: Membership['managers']
}

/** What is left of the managers of a swarm. */
export interface Survey {
  readonly survivors: readonly Survivor[]
  readonly missing: readonly MissingManager[]
}

/**
 * Asks every host for itself what is left of the managers; needs no leader.
 * @param assumeLost names of machines, addresses or ids of nodes that the user knows to be lost
 * @throws a precheck error when a login user may not read its host, the swarm is locked, the hosts are of several swarms, or a manager that was called lost
 *   answers the others
 */
export async function survey(
  fleet: Fleet,
  machines: readonly Machine[],
  assumeLost: readonly string[],
): Promise<Survey> {
  const answers = await readMemberships(fleet, machines)
  assertNoneDenied(answers)
  const survivors: Survivor[] = []
  for (const [index, machine] of machines.entries()) {
    const answer = answers[index]
    if (answer?.ok && answer.value.state === 'locked') throw locked(fleet, machine.name)
    if (answer?.ok && takesPart(answer.value)) survivors.push(await survivorOf(fleet, machine, answer.value))
  }
  assertOneSwarm(fleet, survivors)
  const missing = missingManagers({ cluster: fleet.cluster, machines, answers, survivors, assumeLost })
  assertAllMissing(assumeLost, survivors, missing)
  await assertNoneListening(fleet, survivors, missing)
  return { survivors, missing }
}

async function survivorOf(fleet: Fleet, machine: Machine, membership: Membership): Promise<Survivor> {
  const host = fleet.host(machine)
  if (await readAutolock(host, fleet.signal)) throw locked(fleet, machine.name)
  const { clusterId } = await readCertificate(host, fleet.signal)
  const { nodeId = '', managers, nodeAddress = '' } = membership
  const own = managers.find(manager => manager.nodeId === nodeId)
  return {
    name: machine.name,
    machine,
    nodeId,
    address: own?.address.replace(/:\d+$/, '') ?? nodeAddress,
    clusterId,
    progress: await readRaftProgress(host, fleet),
    known: managers,
  }
}

function locked(fleet: Fleet, name: string): BeltError {
  return precheckError(
    'autolock',
    `the swarm of ${fleet.cluster} has autolock on, and no engine can create a new cluster from a locked manager (seen on ${name})`,
    {
      host: name,
      hint: 'bring back more than half of its managers and unlock each: belt --host NAME docker swarm unlock; or restore a backup with its key: belt swarm restore FILE NODE --unlock-key-file FILE',
    },
  )
}

function assertOneSwarm(fleet: Fleet, survivors: readonly Survivor[]): void {
  if (new Set(survivors.map(({ clusterId }) => clusterId)).size < 2) return
  const swarms = survivors.map(({ name, clusterId }) => `${name}: ${clusterId}`).join(', ')
  throw precheckError('several-swarms', `the machines of ${fleet.cluster} are in several swarms: ${swarms}`, {
    hint: 'make the hosts leave that do not belong there: belt swarm leave NAME --force',
  })
}

function assertAllMissing(
  assumeLost: readonly string[],
  survivors: readonly Survivor[],
  missing: readonly MissingManager[],
): void {
  const isNamed = ({ name, address, nodeId }: { name: string; address: string; nodeId: string }) =>
    assumeLost.filter(word => [name, address, nodeId].includes(word))
  const answering = survivors.flatMap(isNamed)
  const unknown = assumeLost.filter(word => ![...survivors, ...missing].flatMap(isNamed).includes(word))
  const [wrong] = [...answering, ...unknown]
  if (wrong === undefined) return
  const reason = answering.includes(wrong) ? 'it answers' : 'no manager of the swarm has that name'
  throw usageError('not-lost', `${wrong} is not lost: ${reason}`, {
    hint: 'belt swarm recover --dry-run shows which managers are missing',
  })
}

/** A user may be wrong about what is lost; a manager that listens is not. */
async function assertNoneListening(
  fleet: Fleet,
  [witness]: readonly Survivor[],
  missing: readonly MissingManager[],
): Promise<void> {
  if (!witness) return
  const host = fleet.host(witness.machine)
  for (const { name, address, claimed } of missing) {
    if (!claimed || !(await answersAt(host, address, SWARM_PORT, fleet.signal))) continue
    throw precheckError(
      'manager-alive',
      `${name} is not lost: ${witness.name} reaches a manager at ${address}:${SWARM_PORT}`,
      {
        host: name,
        hint: `the other managers reach it, though Belt does not: check its SSH, or stop its engine first`,
      },
    )
  }
}
