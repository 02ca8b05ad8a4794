import type { Clock } from '../../clock.ts'
import type { Progress } from '../../progress.ts'
import { type Api, PAGE_SIZE } from './api.ts'
import { SharedReading } from './shared-reading.ts'
import type { Droplet } from './vendor.ts'

/** Droplets by id. */
export type Droplets = ReadonlyMap<string, Droplet>

/** The context of one driver call. */
export interface Session {
  readonly api: Api
  readonly clock: Clock
  /** The cluster's tag. */
  readonly tag: string
  readonly signal: AbortSignal | undefined
  readonly progress: Progress
  /** The cluster's droplets; each poll is shared by everything that waits for one of them. */
  readonly polled: SharedReading<Droplets>
}

/** The pause grows with the number of pages, so that watching a thousand droplets uses no more of the budget than one. */
const POLL_PER_PAGE_MS = 2000

export function openSession(parts: Omit<Session, 'polled'>): Session {
  let pages = 1
  const polled = new SharedReading(
    () => parts.clock.sleep(POLL_PER_PAGE_MS * pages, parts.signal),
    async () => {
      const droplets = await listDroplets(parts)
      pages = Math.max(1, Math.ceil(droplets.size / PAGE_SIZE))
      return droplets
    },
  )
  return { ...parts, polled }
}

/** @throws if they cannot be read */
export async function listDroplets({ api, tag }: Pick<Session, 'api' | 'tag'>): Promise<Droplets> {
  return new Map((await api.droplets(tag)).map(droplet => [String(droplet.id), droplet]))
}
