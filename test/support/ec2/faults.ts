import { Refusal } from './refusal.ts'

/**
 * What may go wrong with a call: `throttle` and `error` refuse it before anything was done, `error-after` and
 * `cut-after` lose the answer to what was done, `cut` breaks the connection before.
 */
export type Fault = 'throttle' | 'error' | 'error-after' | 'cut' | 'cut-after' | Refusal

const KINDS = ['throttle', 'error', 'error-after', 'cut', 'cut-after'] as const

/** Faults that a test orders, one by one or at random from a seed. */
export class Faults {
  /** Regions that never answer. */
  readonly deadRegions = new Set<string>()
  readonly #ordered: { action: string; fault: Fault }[] = []
  #rate = 0
  #kinds: readonly Fault[] = KINDS
  #random = () => 0

  /** The next calls of an action fail like this, one after the other. */
  next(action: string, ...faults: readonly Fault[]): void {
    this.#ordered.push(...faults.map(fault => ({ action, fault })))
  }

  /** From now on so many of all calls fail, as the seed has it. */
  atRandom(rate: number, seed: number, kinds: readonly Fault[] = KINDS): void {
    this.#rate = rate
    this.#kinds = kinds
    this.#random = randomFrom(seed)
  }

  for(action: string): Fault | undefined {
    const index = this.#ordered.findIndex(ordered => ordered.action === action)
    if (index >= 0) return this.#ordered.splice(index, 1)[0]?.fault
    if (this.#random() >= this.#rate) return undefined
    return this.#kinds[Math.floor(this.#random() * this.#kinds.length)]
  }
}

/** @throws the refusal that a fault means, if it is one that is told before anything is done */
export function refuseBefore(fault: Fault | undefined): void {
  if (fault instanceof Refusal) throw fault
  if (fault === 'throttle') throw throttled()
  if (fault === 'error') throw internalError()
}

export function throttled(): Refusal {
  return new Refusal('RequestLimitExceeded', 'Request limit exceeded.', 503)
}

export function internalError(): Refusal {
  return new Refusal('InternalError', 'An internal error has occurred.', 500)
}

/** The mulberry32 generator: numbers from 0 to 1, the same for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
