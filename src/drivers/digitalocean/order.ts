import pLimit from 'p-limit'
import { BeltError, reasonOf } from '../../errors.ts'
import { OUTCOME_UNKNOWN } from '../driver.ts'
import { ApiError } from './api-error.ts'
import { LIST_LAG_MS } from './await-droplet.ts'
import { explainRefusal } from './refusal.ts'
import type { Session } from './session.ts'
import type { Droplet, DropletOrder, Size } from './vendor.ts'

/** DigitalOcean makes no more in one request. https://docs.digitalocean.com/products/droplets/details/limits */
const LARGEST_BATCH = 10

const IN_FLIGHT = 4

/** How often what was lost is sent again. */
const ROUNDS = 12

const LOOK_EVERY_MS = 5000
/** How long a list that cannot be read is tried, before it is given up to know what a lost request did. */
const LOOK_DEADLINE_MS = 300_000

/** A droplet that is to be made. */
export interface DropletRequest {
  readonly name: string
  readonly size: Size
  readonly region: string
}

/** What all droplets of one create have in common. */
export type OrderTemplate = Omit<DropletOrder, 'names' | 'size' | 'region'>

/** What became of the requests. Those in neither were not sent, because the signal was aborted. */
export interface OrderResult {
  readonly accepted: Map<string, Droplet>
  readonly failed: Map<string, Error>
  /** Whether answers were lost, so that some may have been made twice. */
  hadLosses: boolean
}

/**
 * Orders droplets, ten at a time. The API knows no idempotency, so an order whose answer is lost is not sent again
 * until the names were looked for under the tag for as long as lists lag; then only those that were not seen are.
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
    const unseen = await lookFor(session, lost, result)
    open = round === ROUNDS ? [] : open.filter(({ name }) => unseen.has(name))
    if (open.length === 0)
      for (const [name, error] of unseen) result.failed.set(name, unknownOutcome(name, error))
  }
  return result
}

/** @returns the names whose answer was lost, with how */
async function sendOrders(
  { api, signal, progress }: Session,
  template: OrderTemplate,
  requests: readonly DropletRequest[],
  { accepted, failed }: OrderResult,
): Promise<Map<string, ApiError>> {
  const lost = new Map<string, ApiError>()
  const limit = pLimit(IN_FLIGHT)
  const task = progress.start('Ordering droplets')
  const send = async (batch: Batch) => {
    if (signal?.aborted) return
    try {
      const droplets = await api.createDroplets({ ...template, ...batch })
      for (const droplet of droplets) accepted.set(droplet.name, droplet)
      task.update(`${accepted.size} of ${requests.length}`)
      for (const name of batch.names) if (!accepted.has(name)) lost.set(name, unnamed(name))
    } catch (error) {
      if (signal?.aborted && error === signal.reason) return
      const isLost = error instanceof ApiError && error.fate === 'lost'
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
 * Looks under the tag for droplets whose order was lost.
 * @returns the names that are not there, as far as can be known
 */
async function lookFor(
  { api, clock, tag, signal }: Session,
  lost: ReadonlyMap<string, ApiError>,
  { accepted, failed }: OrderResult,
): Promise<Map<string, ApiError>> {
  const unseen = new Map(lost)
  const start = clock.now()
  while (unseen.size > 0 && !signal?.aborted) {
    await clock.sleep(LOOK_EVERY_MS, signal).catch(() => {})
    try {
      for (const droplet of await api.droplets(tag)) {
        if (unseen.delete(droplet.name)) accepted.set(droplet.name, droplet)
      }
      if (clock.now() - start >= LIST_LAG_MS) return unseen
    } catch (error) {
      if (clock.now() - start < LOOK_DEADLINE_MS) continue
      for (const name of unseen.keys()) failed.set(name, unknownOutcome(name, error))
      unseen.clear()
    }
  }
  return unseen
}

type Batch = Pick<DropletOrder, 'names' | 'size' | 'region'>

/** Requests that differ in nothing but the name, in batches that the API takes. */
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
  return new ApiError('cloud-garbled', `DigitalOcean accepted an order without telling of ${name}`, {
    fate: 'lost',
  })
}

function unknownOutcome(name: string, cause: unknown): BeltError {
  return new BeltError(OUTCOME_UNKNOWN, `it is not known whether ${name} was made: ${reasonOf(cause)}`, {
    host: name,
    hint: 'belt ls shows what there is; the same belt create again makes only what is missing',
    cause,
  })
}
