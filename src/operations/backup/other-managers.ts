import type { BackupManifest } from '../../domain/backup-manifest.ts'
import type { Machine } from '../../drivers/driver.ts'
import { isDenied } from '../../errors.ts'
import { readCertificate } from '../../queries/certificate.ts'
import type { Membership } from '../../remote/swarm.ts'
import { assertNoneDenied } from '../assert-may.ts'
import type { Fleet } from '../fleet.ts'
import { addressesOf } from '../machines/address.ts'
import { readMemberships } from '../swarm/read-memberships.ts'

/** The part that a machine has in a swarm that is about to be restored on another machine. */
export interface Participation {
  readonly machine: Machine
  /** `unknown`: it did not answer, or not completely. */
  readonly part: 'manages' | 'none' | 'off' | 'unknown'
  readonly nodeId?: string | undefined
  /** The managers that it knows, if it is in the swarm. */
  readonly knows?: Membership['managers']
}

/** A machine or manager that may still manage the swarm. */
export interface Suspect {
  readonly name: string
  /** The shortest unambiguous word for it on `--assume-lost`. */
  readonly word: string
  /** All words that may name it. */
  readonly words: readonly string[]
  readonly addresses: readonly string[]
  readonly why: string
}

interface KnownManager {
  readonly id: string
  readonly hostname?: string
  readonly address: string
}

/** Asks each machine for its part in a swarm. @throws a precheck error for hosts whose login user may not read that */
export async function readParticipations(
  fleet: Fleet,
  machines: readonly Machine[],
  clusterId: string,
): Promise<Participation[]> {
  const asked = machines.filter(({ status }) => status !== 'off')
  const answers = await readMemberships(fleet, asked)
  assertNoneDenied(answers)
  const participations = await Promise.all(
    asked.map((machine, index) => {
      const answer = answers[index]
      return answer?.ok
        ? participationOf(fleet, machine, answer.value, clusterId)
        : { machine, part: 'unknown' as const }
    }),
  )
  const off = machines.filter(({ status }) => status === 'off')
  return [...participations, ...off.map(machine => ({ machine, part: 'off' as const }))]
}

async function participationOf(
  fleet: Fleet,
  machine: Machine,
  { state, isManager, nodeId, managers }: Membership,
  clusterId: string,
): Promise<Participation> {
  if (state === 'inactive') return { machine, part: 'none' }
  try {
    const certificate = await readCertificate(fleet.host(machine), fleet.signal)
    if (certificate.clusterId !== clusterId) return { machine, part: 'none' }
    const part = isManager || certificate.role === 'manager' ? 'manages' : 'none'
    return { machine, part, nodeId, knows: managers }
  } catch (error) {
    fleet.signal.throwIfAborted()
    if (isDenied(error)) throw error
    return { machine, part: 'unknown' }
  }
}

/** The managers that the backup names, and those that members have learned of since. */
export function knownManagers(
  { managers }: BackupManifest,
  participations: readonly Participation[],
): KnownManager[] {
  const fromMembers = participations
    .flatMap(({ knows = [] }) => knows)
    .map(({ nodeId, address }) => ({ id: nodeId, address: address.replace(/:\d+$/, '') }))
  return [...new Map([...fromMembers, ...managers].map(manager => [manager.id, manager])).values()]
}

/**
 * The machines and managers that may still manage the swarm: machines that cannot be asked, and managers that no
 * machine here accounts for.
 * @param own the addresses of the machine to restore on; no other manager has them
 */
export function suspectsOf(
  cluster: string,
  participations: readonly Participation[],
  managers: readonly KnownManager[],
  own: readonly string[],
): Suspect[] {
  const others = managers.filter(({ address }) => !own.includes(address))
  const silent = participations.filter(({ part }) => part === 'unknown')
  const homeless = others.filter(
    manager => !participations.some(participation => isOn(participation, manager)),
  )
  return [
    ...silent.map(participation => {
      const { machine } = participation
      const addresses = addressesOf(machine)
      const here = others.filter(manager => isOn(participation, manager))
      const words = [machine.name, ...addresses, ...here.flatMap(wordsOf)]
      return { name: machine.name, word: machine.name, words, addresses, why: 'it does not answer' }
    }),
    ...homeless.map(manager => {
      const { address, hostname } = manager
      const name = hostname ? `${hostname} (${address})` : address
      const why = `no machine of ${cluster} has the address ${address}`
      return { name, word: address, words: wordsOf(manager), addresses: [address], why }
    }),
  ]
}

/** Whether a machine is or was the host of a manager. */
function isOn({ machine, nodeId }: Participation, { id, address }: KnownManager): boolean {
  return nodeId === id || addressesOf(machine).includes(address)
}

/** All words that may name a manager. */
export function wordsOf({ id, hostname, address }: KnownManager): string[] {
  return [id, address, ...(hostname ? [hostname] : [])]
}
