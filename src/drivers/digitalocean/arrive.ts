import { BeltError, reasonOf } from '../../errors.ts'
import { awaitDroplet } from './await-droplet.ts'
import { isReady } from './machine.ts'
import type { Session } from './session.ts'
import type { Droplet } from './vendor.ts'

const VANISHED = 'droplet-vanished'

/** A droplet usually takes about a minute. */
const DEADLINE_MS = 600_000

/**
 * Waits until a new droplet is running and has its addresses.
 * @throws `droplet-vanished` if it was accepted but then dropped, as happens when the region is out of capacity
 */
export async function awaitArrival(session: Session, expected: Droplet): Promise<Droplet> {
  const droplet = await awaitDroplet(session, expected, isReady, { deadlineMs: DEADLINE_MS, to: 'come up' })
  if (droplet) return droplet
  const { name, size_slug, region } = expected
  const place = `${size_slug} in ${region.slug}`
  throw new BeltError(
    VANISHED,
    `DigitalOcean accepted ${name} and then dropped it, probably because it has no capacity for ${place}`,
    { host: name, hint: 'run belt create again, or try another region (--region) or size' },
  )
}

export function isVanished(error: Error): boolean {
  return error instanceof BeltError && error.code === VANISHED
}

/**
 * Removes duplicate droplets of a create. They come from a request that was repeated because its answer was lost and the
 * droplets were not listed in time.
 * @param used the droplets to keep, by name
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
      progress.note(
        `${name} was created twice because an answer was lost; removed the duplicate droplet ${id}`,
      )
    }
  } catch (error) {
    progress.note(
      `answers were lost, and Belt cannot check for duplicate machines (${reasonOf(error)}); check with belt ls or doctl compute droplet list --tag-name ${tag}`,
    )
  }
}
