import type { BackupManifest } from '../../domain/backup-manifest.ts'
import { foldShort } from '../../domain/ranges.ts'
import type { Machine } from '../../drivers/driver.ts'
import { precheckError, usageError } from '../../errors.ts'
import { fanOut } from '../../hosts/fan-out.ts'
import type { Host } from '../../hosts/host.ts'
import { answersAt, readAddresses } from '../../queries/addresses.ts'
import { SWARM_PORT } from '../../remote/swarm.ts'
import type { Fleet } from '../fleet.ts'
import { addressesOf } from '../machines/address.ts'
import { knownManagers, type Participation, type Suspect, suspectsOf, wordsOf } from './other-managers.ts'

/** An SSH server accepts ten commands at once on one connection by default. */
const PROBES_AT_ONCE = 8

/** @throws a precheck error if other machines still manage the swarm */
export function assertNoLivingManager(participations: readonly Participation[], clusterId: string): void {
  const alive = participations.filter(({ part }) => part === 'manages').map(({ machine }) => machine.name)
  if (alive.length === 0) return
  const verb = alive.length === 1 ? 'is still a manager' : 'are still managers'
  throw precheckError('manager-alive', `${foldShort(alive)} ${verb} of the swarm ${clusterId}`, {
    hint: `if its quorum is lost: belt swarm recover; to return to the backup anyway: belt swarm leave ${alive.join(' ')} --force`,
    details: { alive },
  })
}

/**
 * Checks that no second swarm with the same identity arises: with the same nodes and addresses, the two would destroy
 * each other.
 * @param machine the machine that is to become the only manager
 * @param participations of all other machines, none of which manages the swarm
 * @throws a precheck error if another manager may be alive; a usage error if `--assume-lost` names nothing that exists
 */
export async function assertNoFork(
  fleet: Fleet,
  manifest: BackupManifest,
  machine: Machine,
  participations: readonly Participation[],
  assumeLost: readonly string[],
): Promise<void> {
  const host = fleet.host(machine)
  const managers = knownManagers(manifest, participations)
  const own = [...(await readAddresses(host, fleet.signal)), ...addressesOf(machine)]
  const suspects = suspectsOf(fleet.cluster, participations, managers, own)
  const machines = [machine, ...participations.map(participation => participation.machine)]
  const names = machines.flatMap(known => [known.name, ...addressesOf(known)])
  assertNamesKnown(assumeLost, [...names, ...managers.flatMap(wordsOf)])
  await assertNoneListening(host, suspects, fleet.signal)
  assertAllAccountedFor(suspects, assumeLost, manifest.clusterId)
}

function assertNamesKnown(assumeLost: readonly string[], known: readonly string[]): void {
  const wrong = assumeLost.filter(word => !known.includes(word))
  if (wrong.length === 0) return
  throw usageError('not-lost', `no known machine or manager is called ${wrong.join(', ')}`, {
    hint: 'run the command without --assume-lost to see which managers are unknown, and their names',
    details: { wrong },
  })
}

/**
 * A user may be wrong about a lost manager. One that listens on the manager port is alive.
 * @param host the host that tries to reach them, before it takes their place
 */
async function assertNoneListening(
  host: Host,
  suspects: readonly Suspect[],
  signal: AbortSignal,
): Promise<void> {
  const doors = suspects.flatMap(({ name, addresses }) => addresses.map(address => ({ name, address })))
  const answers = await fanOut(doors, ({ address }) => answersAt(host, address, SWARM_PORT, signal), {
    concurrency: PROBES_AT_ONCE,
    signal,
  })
  for (const [index, answer] of answers.entries()) {
    if (!answer.ok) throw answer.error
    if (!answer.value) continue
    const { name, address } = doors[index] ?? { name: answer.host, address: '' }
    throw precheckError(
      'manager-alive',
      `${name} is not lost: ${host.name} reaches a manager at ${address}:${SWARM_PORT}`,
      {
        host: host.name,
        hint: 'two swarms with one identity would destroy each other: recover through that manager, or stop its engine first',
        details: { alive: [name] },
      },
    )
  }
}

function assertAllAccountedFor(
  suspects: readonly Suspect[],
  assumeLost: readonly string[],
  clusterId: string,
): void {
  const unknown = suspects.filter(({ words }) => !words.some(word => assumeLost.includes(word)))
  if (unknown.length === 0) return
  const reasons = unknown.map(({ name, why }) => `${name}: ${why}`).join('; ')
  throw precheckError(
    'unknown-managers',
    `managers of the swarm ${clusterId} may still be alive (${reasons})`,
    {
      hint: `start them, or remove their machines; if you know that they are lost for good: --assume-lost ${unknown.map(({ word }) => word).join(',')}`,
      details: { unknown: unknown.map(({ word }) => word) },
    },
  )
}
