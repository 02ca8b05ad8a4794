import type { Claim, Lease } from '../../domain/lease.ts'

/**
 * Where a lock is kept. Each change is made by one holder only: who reads a lock and then changes it does so only if
 * nobody else has in between.
 */
export interface LockStore<L extends Lease = Lease> {
  /** Where that is, for people. */
  readonly place: string
  /** The lock as it is now; undefined when there is none. @throws when it cannot be read */
  read(): Promise<L | undefined>
  /** Makes the lock; false when there is one. */
  create(claim: Claim): Promise<boolean>
  /** Renews the lock, or hands it on; false when it changed since it was read. */
  replace(lease: L, claim: Claim): Promise<boolean>
  /** Removes the lock that was read; false when it changed since, or is gone. */
  remove(lease: L): Promise<boolean>
}
