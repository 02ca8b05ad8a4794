import type { Machine, MachineStatus } from '../driver.ts'
import { operationOfDroplet } from './tags.ts'
import type { Droplet } from './vendor.ts'

const STATUSES: Readonly<Record<string, MachineStatus>> = { new: 'new', active: 'active', off: 'off' }

/** Converts a droplet to a machine. */
export function machineFromDroplet(droplet: Droplet, user: string): Machine {
  const { image, tags, size } = droplet
  const status = STATUSES[droplet.status] ?? 'unknown'
  const publicAddress = addressOf(droplet, 'public')
  const privateAddress = addressOf(droplet, 'private')
  const address = publicAddress ?? privateAddress
  const operation = operationOfDroplet(tags)
  const imageName = image.slug ?? image.name
  return {
    id: String(droplet.id),
    name: droplet.name,
    status,
    memoryMiB: droplet.memory,
    region: droplet.region.slug,
    createdAt: droplet.created_at,
    ...(imageName !== undefined && { image: imageName }),
    ...(publicAddress !== undefined && { publicAddress }),
    ...(privateAddress !== undefined && { privateAddress }),
    ...(address !== undefined && { ssh: { address, port: 22, user } }),
    ...(size.price_monthly !== undefined && { monthlyPriceUsd: size.price_monthly }),
    ...(operation !== undefined && { operation }),
    ...(status === 'unknown' && { reason: droplet.status }),
  }
}

/** Whether a new droplet is running and has all its addresses. */
export function isReady(droplet: Droplet): boolean {
  return (
    droplet.status !== 'new' &&
    addressOf(droplet, 'public') !== undefined &&
    addressOf(droplet, 'private') !== undefined
  )
}

function addressOf({ networks }: Droplet, type: 'public' | 'private'): string | undefined {
  return networks.v4?.find(network => network.type === type)?.ip_address
}
