import type { Clock } from '../../../src/clock.ts'
import { throttled } from './faults.ts'

/** Burst and refill a second, as https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html has them. */
const REQUESTS: Record<string, [number, number]> = {
  RunInstances: [5, 2],
  StartInstances: [5, 2],
  TerminateInstances: [100, 5],
  CreateTags: [100, 10],
}
const RESOURCES: Record<string, [number, number]> = {
  RunInstances: [1000, 2],
  StartInstances: [1000, 2],
  StopInstances: [1000, 20],
  TerminateInstances: [1000, 20],
}

/** Refuses what exceeds the published limits of an account in a region. */
export class Throttle {
  readonly #clock: Clock
  readonly #levels = new Map<string, { tokens: number; at: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @throws Refusal `RequestLimitExceeded` */
  admit(region: string, action: string, instances: number): void {
    const group = action.startsWith('Describe') ? 'Describe' : 'mutating'
    const [burst, refill] = REQUESTS[action] ?? (group === 'Describe' ? [100, 20] : [50, 5])
    this.#take(`${region} ${REQUESTS[action] ? action : group}`, 1, burst, refill)
    const resources = RESOURCES[action]
    if (resources) this.#take(`${region} ${action} instances`, instances, ...resources)
  }

  #take(name: string, count: number, burst: number, refill: number): void {
    const now = this.#clock.now()
    const { tokens, at } = this.#levels.get(name) ?? { tokens: burst, at: now }
    const filled = Math.min(burst, tokens + ((now - at) / 1000) * refill)
    // What a request that came at the very moment would get is not refused for a rounding error.
    const isAdmitted = filled + 0.01 >= count
    this.#levels.set(name, { tokens: isAdmitted ? filled - count : filled, at: now })
    if (!isAdmitted) throw throttled()
  }
}
