import pLimit from 'p-limit'
import { BeltError, reasonOf } from '../../errors.ts'
import { OUTCOME_UNKNOWN } from '../driver.ts'
import { ApiError } from './api-error.ts'
import { LIST_LAG_MS } from './await-droplet.ts'
import { explainRefusal } from './refusal.ts'
import type { Session } from './session.ts'
import type { Droplet, DropletOrder, Size } from './vendor.ts'

/** DigitalOcean's limit per request. https://docs.digitalocean.com/products/droplets/details/limits */
const LARGEST_BATCH = 10

const IN_FLIGHT = 4

/** How often to send requests again whose answers were lost. */
const ROUNDS = 12

const LOOK_EVERY_MS = 5000
/** How long to try to read the list before the outcome of a lost request counts as unknown. */
const LOOK_DEADLINE_MS = 300_000

/** A droplet to create. */
export interface DropletRequest {
  readonly name: string
  readonly size: Size
  readonly region: string
}

/** What all droplets of one create share. */
export type OrderTemplate = Omit<DropletOrder, 'names' | 'size' | 'region'>

/** The outcomes of the requests. Requests in neither map were not sent because the signal was aborted. */
export interface OrderResult {
  readonly accepted: Map<string, Droplet>
  readonly failed: Map<string, Error>
  /** Whether answers were lost, so that duplicates may exist. */
  hadLosses: boolean
}

/**
 * Requests droplets, ten at a time. The API has no idempotency tokens. If an answer is lost, the names are looked up under
 * the tag for as long as lists lag, and only the missing ones are requested again.
 */
export async function orderDroplets(
  session: Session,
  template: OrderTemplate,
  requests: readonly DropletRequest[],
): Promise<OrderResult> {
  const result: OrderResult = { accepted: new Map(), failed: new Map(), hadLosses: false }
  let open = requests
  for (let round = 1; open.length > 0 && !session.signal?.aborted; round++) {
    const lost = await sendOrders(session, template, open, result)
    result.hadLosses ||= lost.size > 0
    const unlisted = await lookFor(session, lost, result)
    open = round === ROUNDS ? [] : open.filter(({ name }) => unlisted.has(name))
    if (open.length === 0)
      for (const [name, error] of unlisted) result.failed.set(name, unknownOutcome(name, error))
  }
  return result
}

/** @returns the lost requests by machine name, each with its error */
async function sendOrders(
  { api, signal, progress }: Session,
  template: OrderTemplate,
  requests: readonly DropletRequest[],
  { accepted, failed }: OrderResult,
): Promise<Map<string, ApiError>> {
  const lost = new Map<string, ApiError>()
  const limit = pLimit(IN_FLIGHT)
  const task = progress.start('Requesting droplets')
  const send = async (batch: Batch) => {
    if (signal?.aborted) return
    try {
      const droplets = await api.createDroplets({ ...template, ...batch })
      for (const droplet of droplets) accepted.set(droplet.name, droplet)
      task.update(`${accepted.size} of ${requests.length}`)
      for (const name of batch.names) if (!accepted.has(name)) lost.set(name, unnamed(name))
    } catch (error) {
      if (signal?.aborted && error === signal.reason) return
      const isLost = error instanceof ApiError && error.outcome === 'lost'
      const reason = explainRefusal(error, batch.size, batch.region)
      for (const name of batch.names) {
        if (isLost) lost.set(name, error)
        else failed.set(name, reason)
      }
    }
  }
  await Promise.all(batchesOf(requests).map(batch => limit(send, batch)))
  task.done()
  return lost
}

/**
 * Looks under the tag for droplets whose request was lost.
 * @returns the names that were not found
 */
async function lookFor(
  { api, clock, tag, signal }: Session,
  lost: ReadonlyMap<string, ApiError>,
  { accepted, failed }: OrderResult,
): Promise<Map<string, ApiError>> {
  const unlisted = new Map(lost)
  const start = clock.now()
  while (unlisted.size > 0 && !signal?.aborted) {
    await clock.sleep(LOOK_EVERY_MS, signal).catch(() => {})
    try {
      for (const droplet of await api.droplets(tag)) {
        if (unlisted.delete(droplet.name)) accepted.set(droplet.name, droplet)
      }
      if (clock.now() - start >= LIST_LAG_MS) return unlisted
    } catch (error) {
      if (clock.now() - start < LOOK_DEADLINE_MS) continue
      for (const name of unlisted.keys()) failed.set(name, unknownOutcome(name, error))
      unlisted.clear()
    }
  }
  return unlisted
}

type Batch = Pick<DropletOrder, 'names' | 'size' | 'region'>

/** Groups requests that differ only in the name into batches that the API accepts. */
export function batchesOf(requests: readonly DropletRequest[]): Batch[] {
  const alike = new Map<string, Batch & { names: string[] }>()
  const batches: Batch[] = []
  for (const { name, size, region } of requests) {
    const kind = `${size.slug} ${region}`
    const batch = alike.get(kind)
    if (batch && batch.names.length < LARGEST_BATCH) {
      batch.names.push(name)
      continue
    }
    const next = { names: [name], size: size.slug, region }
    alike.set(kind, next)
    batches.push(next)
  }
  return batches
}

function unnamed(name: string): ApiError {
  return new ApiError('cloud-garbled', `DigitalOcean accepted the request but did not list ${name}`, {
    outcome: 'lost',
  })
}

function unknownOutcome(name: string, cause: unknown): BeltError {
  return new BeltError(OUTCOME_UNKNOWN, `cannot tell whether ${name} was created: ${reasonOf(cause)}`, {
    host: name,
    hint: 'run belt ls to list the machines; run the same belt create again to create only the missing ones',
    cause,
  })
}
