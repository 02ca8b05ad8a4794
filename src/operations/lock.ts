import type { Claim, Lease } from '../domain/lease.ts'
import { BeltError, ExitCode, reasonOf } from '../errors.ts'
import { HostError } from '../hosts/errors.ts'
import type { Fleet } from './fleet.ts'
import { type Hold, holdLock } from './lock/hold.ts'
import { localLock } from './lock/local-store.ts'
import { openLockStore } from './lock/open-store.ts'

/**
 * Which lock a command holds while it works:
 * - `swarm`: the one kept in the swarm, or in the folder as long as there is no swarm. Everybody who works on the
 *   swarm sees it.
 * - `machines`: the same, for work that takes machines or engines away or brings them back. The one in the folder
 *   serves if the swarm is lost, or goes with the machines.
 * - `folder`: the one in the folder, for work on a swarm that takes no decisions and so keeps no lock.
 * - `recovery`: the one in the folder until a new cluster runs, then the one in the swarm. `recoverSwarm` takes them,
 *   because the user answers its question without a lock.
 * - `none`: no lock. The command only reads, or runs what the user wants to run.
 */
export type LockPolicy = 'swarm' | 'machines' | 'folder' | 'recovery' | 'none'

/**
 * Does work that changes a swarm while nobody else does, from whatever machine. Work within the work, and processes
 * that it starts, share the lock. It is renewed as long as the work lasts, and lapses when Belt dies.
 * @param what says what is being done, for those who have to wait: `belt swarm join mg0 node1`
 * @param work is handed the fleet with a signal that is also aborted when the lock is lost, or cannot be renewed for so
 *   long that it may be
 * @throws `locked` (exit code 6) when another holds it and does not release it within `fleet.lock.waitMs`
 */
export async function withLock<T>(
  fleet: Fleet,
  what: string,
  work: (fleet: Fleet) => Promise<T>,
): Promise<T> {
  const hold = await holdLock(fleet, await openLockStore(fleet), what)
  return hold(work)
}

/** The same with the lock in the folder: only those who share the folder see it. */
export async function withFolderLock<T>(
  fleet: Fleet,
  what: string,
  work: (fleet: Fleet) => Promise<T>,
): Promise<T> {
  const hold = await holdLock(fleet, localLock(fleet.lock.file), what)
  return hold(work)
}

export interface MachinesLockOptions {
  /**
   * Whether the swarm goes with what is taken away. Its lock, which would go too, is taken before only to see that nobody
   * else has it.
   */
  readonly endsSwarm?: boolean
  /** Whether the user says that the swarm is lost. */
  readonly swarmLost?: boolean
}

/**
 * The same for work that takes machines or engines away or brings them back, which must be possible without a swarm.
 */
export async function withMachinesLock<T>(
  fleet: Fleet,
  what: string,
  { endsSwarm = false, swarmLost = false }: MachinesLockOptions,
  work: (fleet: Fleet) => Promise<T>,
): Promise<T> {
  const hold = await holdUnlessLost(fleet, what, swarmLost)
  if (hold && !endsSwarm) return hold(work)
  await hold?.(async () => {})
  return withFolderLock(fleet, what, work)
}

/** What is said by a swarm that can keep no lock. */
const LOST = ['no-manager', 'no-leader', 'quorum-lost', 'lock-unusable']

async function holdUnlessLost(fleet: Fleet, what: string, swarmLost: boolean): Promise<Hold | undefined> {
  try {
    return await holdLock(fleet, await openLockStore(fleet, { swarmLost }), what)
  } catch (error) {
    const isLost = error instanceof HostError || (error instanceof BeltError && LOST.includes(error.code))
    if (!isLost) throw error
    fleet.progress.note(
      `the swarm keeps no lock now, only those who share this folder are kept out: ${reasonOf(error)}`,
    )
    return undefined
  }
}

/** A lock, and where it is kept. */
export interface LockState {
  readonly place: string
  readonly lease: Lease | undefined
}

/** Tells who holds the lock. */
export async function lockStatus(fleet: Fleet): Promise<LockState> {
  const store = await openLockStore(fleet)
  return { place: store.place, lease: await store.read() }
}

/**
 * Ends a lock, whoever holds it; a holder that still runs notices and stops.
 * @param confirm is asked before, also where the lock looks lapsed: clocks that differ make it look so
 * @returns whose it was; undefined when there was none
 * @throws `lock-changed` (exit code 6) when it was renewed or taken over while `confirm` was waited for
 */
export async function releaseLock(
  fleet: Fleet,
  confirm: (lease: Lease) => Promise<void>,
): Promise<Claim | undefined> {
  const store = await openLockStore(fleet)
  const lease = await store.read()
  if (!lease) return undefined
  await confirm(lease)
  if (await store.remove(lease)) return lease.claim
  const now = await store.read()
  if (!now) return undefined
  throw notReleased(lease, now)
}

/** What was asked about is not the lock that there is by the time of the answer. */
function notReleased({ claim }: Lease, now: Lease): BeltError {
  const { token, holder, command } = now.claim
  const why =
    token === claim.token
      ? `${holder} renewed it meanwhile, and so still runs ${command}`
      : `it is ${holder}'s by now (${command})`
  return new BeltError('lock-changed', `the lock was not released: ${why}`, {
    exitCode: ExitCode.locked,
    hint: 'belt lock status shows it; belt lock release --yes ends it, whoever holds it',
  })
}
