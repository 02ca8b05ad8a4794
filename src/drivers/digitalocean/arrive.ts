import { BeltError, reasonOf } from '../../errors.ts'
import { awaitDroplet } from './await-droplet.ts'
import { isReady } from './machine.ts'
import type { Session } from './session.ts'
import type { Droplet } from './vendor.ts'

const VANISHED = 'droplet-vanished'

/** A droplet takes about a minute. */
const DEADLINE_MS = 600_000

/**
 * Waits until a new droplet runs and has its addresses.
 * @throws `droplet-vanished` when it was accepted and then dropped, as happens when there turns out to be no room
 */
export async function awaitArrival(session: Session, expected: Droplet): Promise<Droplet> {
  const droplet = await awaitDroplet(session, expected, isReady, { deadlineMs: DEADLINE_MS, to: 'come up' })
  if (droplet) return droplet
  const { name, size_slug, region } = expected
  const place = `${size_slug} in ${region.slug}`
  throw new BeltError(
    VANISHED,
    `DigitalOcean accepted ${name} and then dropped it, as it does when it has no room for ${place}`,
    { host: name, hint: 'belt create it again; another region (--region) or size may have more room' },
  )
}

export function isVanished(error: Error): boolean {
  return error instanceof BeltError && error.code === VANISHED
}

/**
 * Removes droplets that a create made beside the one of the same name that is used: those of a request whose answer
 * was lost, and that lists did not show before it was sent again.
 * @param used the droplets of the create that are used, by name
 */
export async function removeTwins(
  { api, polled, progress, tag }: Session,
  used: ReadonlyMap<string, Droplet>,
  operationTag: string,
): Promise<void> {
  try {
    for (const { id, name, tags } of (await polled.next()).values()) {
      const twin = used.get(name)
      if (!twin || twin.id === id || !tags.includes(operationTag)) continue
      await api.deleteDroplet(String(id))
      progress.note(`${name} was made twice, because an answer was lost: droplet ${id} is removed again`)
    }
  } catch (error) {
    progress.note(
      `answers were lost, and whether machines were made twice cannot be seen (${reasonOf(error)}): see belt ls, or doctl compute droplet list --tag-name ${tag}`,
    )
  }
}
