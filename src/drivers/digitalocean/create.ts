import { parseMemory } from '../../domain/memory.ts'
import { usageError } from '../../errors.ts'
import type { ClusterContext, MachineSpec, Outcome } from '../driver.ts'
import { outcomesOf } from '../outcomes.ts'
import { awaitArrival, isVanished, removeTwins } from './arrive.ts'
import { ensureFirewall } from './firewall.ts'
import { resolveImage } from './image.ts'
import { machineFromDroplet } from './machine.ts'
import type { DigitalOceanOptions } from './options.ts'
import { type DropletRequest, type OrderResult, type OrderTemplate, orderDroplets } from './order.ts'
import { listDroplets, type Session } from './session.ts'
import { describeSize, resolveSize } from './sizes.ts'
import { resolveKeys } from './ssh-keys.ts'
import { operationTag } from './tags.ts'
import { dropletUserData } from './user-data.ts'
import type { Droplet } from './vendor.ts'

/** What all droplets of one create share. */
export interface DropletSite {
  readonly options: DigitalOceanOptions
  readonly context: ClusterContext
  /** The id of the create, from the caller. */
  readonly operation: string | undefined
  /** A script that each new droplet runs at its first boot, in addition to the config's user data. */
  readonly script: string | undefined
}

/** Creates the missing droplets, and waits until all are ready. */
export async function createDroplets(
  session: Session,
  site: DropletSite,
  specs: readonly MachineSpec[],
): Promise<Outcome[]> {
  const user = site.options.ssh_user
  const droplets = await listDroplets(session)
  const existing = new Map([...droplets.values()].map(droplet => [droplet.name, droplet]))
  const missing = new Map(specs.map(spec => [spec.name, spec]))
  for (const name of existing.keys()) missing.delete(name)
  const result = await orderMissing(session, site, [...missing.values()])
  const arrived = new Map<string, Droplet>()
  const outcomes = await outcomesOf(
    specs,
    async ({ name }) => {
      const old = existing.get(name)
      if (old && old.status !== 'new') return { machine: machineFromDroplet(old, user), changed: false }
      const droplet = await awaitArrival(session, old ?? acceptedOf(result, name))
      arrived.set(name, droplet)
      return { machine: machineFromDroplet(droplet, user), changed: true }
    },
    { ...session, title: 'Creating machines', concurrency: Number.POSITIVE_INFINITY },
  )
  if (result.hadLosses && site.operation !== undefined && !session.signal?.aborted) {
    await removeTwins(session, arrived, operationTag(site.operation))
  }
  return outcomes.map(outcome => {
    const droplet = result.accepted.get(outcome.name)
    if (outcome.ok || !droplet || isVanished(outcome.error)) return outcome
    return { ...outcome, machine: machineFromDroplet(droplet, user) }
  })
}

async function orderMissing(
  session: Session,
  site: DropletSite,
  missing: readonly MachineSpec[],
): Promise<OrderResult> {
  if (missing.length === 0) return { accepted: new Map(), failed: new Map(), hadLosses: false }
  const requests = await requestsFor(session, site, missing)
  const template = await templateFor(session, site, [...new Set(requests.map(({ region }) => region))])
  if (site.options.firewall) {
    await ensureFirewall(session.api, site.context.cluster, site.options, session.progress)
  }
  return await orderDroplets(session, template, requests)
}

async function requestsFor(
  { api, progress }: Session,
  { options }: DropletSite,
  missing: readonly MachineSpec[],
): Promise<DropletRequest[]> {
  const sizes = await api.sizes()
  const notes = new Set<string>()
  const requests = missing.map(({ name, size: written, region = [options.region ?? []].flat()[0] }) => {
    if (region === undefined) throw noRegion(name)
    const size = resolveSize(written, region, sizes)
    if (parseMemory(written) !== undefined) notes.add(`${written} in ${region} is ${describeSize(size)}`)
    return { name, size, region }
  })
  for (const note of notes) progress.note(note)
  return requests
}

async function templateFor(
  { api, tag }: Session,
  { options, context, operation, script }: DropletSite,
  regions: readonly string[],
): Promise<OrderTemplate> {
  const [image, keys] = await Promise.all([
    resolveImage(api, options.image, regions),
    resolveKeys(api, options.ssh_key_fingerprint, context),
  ])
  const { vpc_uuid, monitoring, ipv6, tags } = options
  const user_data = dropletUserData(options.user_data, script)
  return {
    image,
    ssh_keys: keys,
    tags: [tag, ...(operation === undefined ? [] : [operationTag(operation)]), ...tags],
    monitoring,
    ipv6,
    ...(vpc_uuid !== undefined && { vpc_uuid }),
    ...(user_data !== undefined && { user_data }),
  }
}

/** @throws the reason if there is none; without a recorded reason, the signal was aborted before the request */
function acceptedOf({ accepted, failed }: OrderResult, name: string): Droplet {
  const droplet = accepted.get(name)
  if (droplet) return droplet
  throw failed.get(name) ?? new Error(`${name} was not requested`)
}

function noRegion(name: string) {
  return usageError('no-region', `no region set for ${name}`, {
    hint: 'run belt cluster update region=fra1, or use --region fra1; doctl compute region list shows all regions',
  })
}
