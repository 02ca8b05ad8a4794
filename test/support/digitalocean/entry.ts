import type { Droplet } from '../../../src/drivers/digitalocean/vendor.ts'
import { images, regions, sizes } from './catalogue.ts'

/** Something that happens to a droplet, one at a time. */
export interface Event {
  readonly id: number
  readonly type: string
  readonly dropletId: number
  readonly region: string
  readonly startedAt: string
  readonly endsAt: number
  /** What it changes when it ends. */
  readonly effect: () => void
  /** What the machine behind it does meanwhile. */
  ready: boolean
  ended: boolean
}

/** A droplet as the emulator keeps it. */
export interface Entry {
  readonly id: number
  readonly name: string
  readonly region: string
  readonly image: string | number
  readonly tags: readonly string[]
  readonly createdAt: string
  readonly listedFrom: number
  size: string
  disk: number
  status: 'new' | 'active' | 'off'
  address?: string
  event: Event | undefined
  /** It is listed until then, though it is gone. */
  goneFromListAt?: number
}

/** A droplet as the API tells it. */
export function told(entry: Entry): Droplet & Record<string, unknown> {
  const size = sizes.find(({ slug }) => slug === entry.size) ?? (sizes[0] as (typeof sizes)[number])
  const region = regions.find(({ slug }) => slug === entry.region) ?? (regions[0] as (typeof regions)[number])
  const image = images.find(({ id, slug }) => id === entry.image || slug === entry.image)
  const address = entry.status === 'new' ? undefined : entry.address
  return {
    id: entry.id,
    name: entry.name,
    memory: size.memory,
    vcpus: size.vcpus,
    disk: entry.disk,
    locked: false,
    status: entry.status,
    created_at: entry.createdAt,
    features: [],
    backup_ids: [],
    next_backup_window: null,
    snapshot_ids: [],
    image: { ...image },
    volume_ids: [],
    size,
    size_slug: size.slug,
    networks: {
      v4: (address === undefined ? [] : (['public', 'private'] as const)).map(type => ({
        ip_address: address ?? '',
        netmask: '255.255.0.0',
        ...(type === 'public' && { gateway: '10.0.0.1' }),
        type,
      })),
    },
    region,
    tags: [...entry.tags],
  }
}

/** An event as the API tells it. */
export function actionOf(event: Event): object {
  return {
    id: event.id,
    status: event.ended ? 'completed' : 'in-progress',
    type: event.type,
    started_at: event.startedAt,
    completed_at: event.ended ? new Date().toISOString() : null,
    resource_id: event.dropletId,
    resource_type: 'droplet',
    region_slug: event.region,
  }
}
