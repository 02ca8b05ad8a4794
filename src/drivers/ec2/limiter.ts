import type { Clock } from '../../clock.ts'
import type { Ec2Action } from './actions.ts'

/** The size of a token bucket, and how many tokens are added per second. */
type Bucket = readonly [burst: number, perSecond: number]

const DESCRIBE: Bucket = [100, 20]
const MUTATE: Bucket = [50, 5]

/** https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html: requests per account and region. */
const REQUESTS: Partial<Record<Ec2Action, Bucket>> = {
  RunInstances: [5, 2],
  StartInstances: [5, 2],
  TerminateInstances: [100, 5],
}

/** From the same page: instances per request. */
const RESOURCES: Partial<Record<Ec2Action, Bucket>> = {
  RunInstances: [1000, 2],
  StartInstances: [1000, 2],
  StopInstances: [1000, 20],
  TerminateInstances: [1000, 20],
}

/** The maximum number of instances per request, so that it fits into every bucket. */
export const MAX_IDS = 1000

/**
 * Keeps requests below EC2's rate limits, provided that no other process uses the account. Each request waits until
 * EC2's published token buckets allow it.
 */
export class Limiter {
  readonly #buckets = new Map<string, TokenBucket>()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Waits until a request may be sent. @throws the signal's reason if it is aborted */
  async wait(action: Ec2Action, instances: number, signal: AbortSignal | undefined): Promise<void> {
    const requests = REQUESTS[action] ?? (action.startsWith('Describe') ? DESCRIBE : MUTATE)
    const shared = REQUESTS[action] ? action : action.startsWith('Describe') ? 'Describe' : 'Mutate'
    const [burst, perSecond] = requests
    // One less than the burst, because requests do not arrive at exactly the intervals at which they were sent.
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

  /** Takes tokens immediately, which keeps requests in order, and then waits if the bucket is overdrawn. */
  async take(count: number, signal: AbortSignal | undefined): Promise<void> {
    const now = this.#clock.now()
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) / 1000) * this.#perSecond)
    this.#at = now
    this.#tokens -= Math.min(count, this.#burst)
    if (this.#tokens < 0) await this.#clock.sleep((-this.#tokens / this.#perSecond) * 1000, signal)
  }
}
