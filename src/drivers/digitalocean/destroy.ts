import pLimit from 'p-limit'
import type { Machine, Outcome } from '../driver.ts'
import { outcomesOf } from '../outcomes.ts'
import { ApiError } from './api-error.ts'
import { awaitAbsence } from './await-droplet.ts'
import { listDroplets, type Session } from './session.ts'
import { isWholeCluster } from './work.ts'

const IN_FLIGHT = 8
const DEADLINE_MS = 180_000

/**
 * Removes droplets, and waits until they are no longer listed, so that their names can be used again. Removes a whole
 * cluster in one call if the list matches the machines exactly.
 */
export async function destroyDroplets(session: Session, machines: readonly Machine[]): Promise<Outcome[]> {
  const droplets = await listDroplets(session)
  const all = isWholeCluster(machines, droplets) && (await deleteAll(session))
  const limit = pLimit(IN_FLIGHT)
  const remove = async ({ id, name }: Machine): Promise<boolean> => {
    const deleted = all || (await deleteOne(id))
    if (deleted) await awaitAbsence(session, id, name, DEADLINE_MS)
    return deleted
  }
  return await outcomesOf(machines, async machine => ({ machine, changed: await remove(machine) }), {
    ...session,
    title: 'Destroying machines',
    concurrency: Number.POSITIVE_INFINITY,
  })

  /** @returns false if it no longer exists or does not belong to this cluster */
  async function deleteOne(id: string): Promise<boolean> {
    return await limit(async () => {
      session.signal?.throwIfAborted()
      return (droplets.has(id) || (await isUnlisted(session, id))) && (await session.api.deleteDroplet(id))
    })
  }
}

/** A new droplet may not be listed yet. */
async function isUnlisted({ api, tag }: Session, id: string): Promise<boolean> {
  return (await api.droplet(id))?.tags.includes(tag) ?? false
}

async function deleteAll({ api, tag }: Session): Promise<boolean> {
  try {
    await api.deleteDropletsByTag(tag)
    return true
  } catch (error) {
    if (error instanceof ApiError) return false
    throw error
  }
}
