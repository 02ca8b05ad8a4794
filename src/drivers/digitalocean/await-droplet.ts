import { BeltError, reasonOf } from '../../errors.ts'
import type { Session } from './session.ts'
import type { Droplet } from './vendor.ts'

/** How long a new droplet may be missing from lists before that means anything. */
export const LIST_LAG_MS = 20_000

export interface Expectation {
  /** Counted from the call. */
  readonly deadlineMs: number
  /** The expected change, for messages: "come up". */
  readonly to: string
}

/**
 * Waits until a droplet is in the desired state. It counts as gone if it has been missing from the list for longer than
 * lists lag, and a direct request does not find it either.
 * @returns undefined if it no longer exists
 * @throws `too-late` with the last cause at the deadline; the signal's reason if aborted
 */
export async function awaitDroplet(
  { api, clock, polled, signal }: Session,
  expected: Droplet,
  isAsWanted: (droplet: Droplet) => boolean,
  { deadlineMs, to }: Expectation,
): Promise<Droplet | undefined> {
  const id = String(expected.id)
  const end = clock.now() + deadlineMs
  let seenAt = clock.now()
  for (let last = `its status is ${expected.status}`; ; ) {
    try {
      const listed = (await polled.next()).get(id)
      const isMissing = !listed && clock.now() - seenAt >= LIST_LAG_MS
      const droplet = isMissing ? await api.droplet(id) : listed
      if (droplet && isAsWanted(droplet)) return droplet
      if (!droplet && isMissing) return undefined
      if (droplet) seenAt = clock.now()
      last = droplet ? `its status is ${droplet.status}` : 'it is not listed yet'
    } catch (error) {
      signal?.throwIfAborted()
      last = reasonOf(error)
    }
    if (clock.now() >= end) throw tooLate(expected.name, to, deadlineMs, last)
  }
}

/** Waits until a droplet is no longer listed. */
export async function awaitAbsence(
  { clock, polled, signal }: Session,
  id: string,
  name: string,
  deadlineMs: number,
): Promise<void> {
  const end = clock.now() + deadlineMs
  for (;;) {
    let last = 'it is still listed'
    try {
      if (!(await polled.next()).has(id)) return
    } catch (error) {
      signal?.throwIfAborted()
      last = reasonOf(error)
    }
    if (clock.now() >= end) throw tooLate(name, 'disappear', deadlineMs, last)
  }
}

function tooLate(name: string, to: string, deadlineMs: number, last: string): BeltError {
  return new BeltError('too-late', `${name} did not ${to} within ${deadlineMs / 1000} s; ${last}`, {
    host: name,
    hint: 'run belt ls to see its status',
  })
}
