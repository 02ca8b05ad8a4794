import type { Clock } from '../clock.ts'
import type { Action } from './actions.ts'

/** Tokens that a bucket holds at most, and how many come back each second. */
type Bucket = readonly [burst: number, perSecond: number]

const DESCRIBE: Bucket = [100, 20]
const MUTATE: Bucket = [50, 5]

/** https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html: requests of an account in a region. */
const REQUESTS: Partial<Record<Action, Bucket>> = {
  RunInstances: [5, 2],
  StartInstances: [5, 2],
  TerminateInstances: [100, 5],
}

/** The same page: instances that these requests ask for. */
const RESOURCES: Partial<Record<Action, Bucket>> = {
  RunInstances: [1000, 2],
  StartInstances: [1000, 2],
  StopInstances: [1000, 20],
  TerminateInstances: [1000, 20],
}

/** How many instances one request may ask for, so that no bucket is too small for it. */
export const MAX_IDS = 1000

/**
 * Keeps requests below the rate that EC2 throttles at, as far as this process is alone in the account: each waits
 * until the buckets, as EC2 publishes them, would let it through.
 */
export class Limiter {
  readonly #buckets = new Map<string, TokenBucket>()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @throws the signal's reason when it is aborted meanwhile */
  async turn(action: Action, instances: number, signal: AbortSignal | undefined): Promise<void> {
    const requests = REQUESTS[action] ?? (action.startsWith('Describe') ? DESCRIBE : MUTATE)
    const shared = REQUESTS[action] ? action : action.startsWith('Describe') ? 'Describe' : 'Mutate'
    const [burst, perSecond] = requests
    // One less than the burst: requests do not arrive at the very intervals they were sent in.
    await this.#bucket(shared, [burst - 1, perSecond]).take(1, signal)
    const resources = RESOURCES[action]
    if (resources) await this.#bucket(`${action} instances`, resources).take(instances, signal)
  }

  #bucket(name: string, [burst, perSecond]: Bucket): TokenBucket {
    const bucket = this.#buckets.get(name) ?? new TokenBucket(burst, perSecond, this.#clock)
    this.#buckets.set(name, bucket)
    return bucket
  }
}

class TokenBucket {
  readonly #burst: number
  readonly #perSecond: number
  readonly #clock: Clock
  #tokens: number
  #at: number

  constructor(burst: number, perSecond: number, clock: Clock) {
    this.#burst = burst
    this.#perSecond = perSecond
    this.#clock = clock
    this.#tokens = burst
    this.#at = clock.now()
  }

  /** Tokens are taken at once, so that turns come in the order they were asked for; a debt is waited for. */
  async take(count: number, signal: AbortSignal | undefined): Promise<void> {
    const now = this.#clock.now()
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) / 1000) * this.#perSecond)
    this.#at = now
    this.#tokens -= Math.min(count, this.#burst)
    if (this.#tokens < 0) await this.#clock.sleep((-this.#tokens / this.#perSecond) * 1000, signal)
  }
}
