import { BeltError, reasonOf } from '../../errors.ts'
import type { Session } from './session.ts'
import type { Droplet } from './vendor.ts'

/** A created droplet may be missing from lists for seconds; nothing is concluded from that before. */
export const LIST_LAG_MS = 20_000

export interface Awaited {
  /** How long, counted from the call. */
  readonly deadlineMs: number
  /** What it is waited for, for messages: "come up". */
  readonly to: string
}

/**
 * Waits until a droplet is as wanted. It counts as gone when the list has not shown it for as long as lists lag, and
 * asking for it says so as well.
 * @returns undefined when it is gone
 * @throws `too-late` with the last cause when the time is over; the signal's reason when it is aborted
 */
export async function awaitDroplet(
  { api, clock, polled, signal }: Session,
  expected: Droplet,
  isAsWanted: (droplet: Droplet) => boolean,
  { deadlineMs, to }: Awaited,
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

/** Waits until lists show a droplet no more. */
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
    if (clock.now() >= end) throw tooLate(name, 'go', deadlineMs, last)
  }
}

function tooLate(name: string, to: string, deadlineMs: number, last: string): BeltError {
  return new BeltError('too-late', `${name} did not ${to} within ${deadlineMs / 1000} s; ${last}`, {
    host: name,
    hint: 'belt ls shows how it is now',
  })
}
