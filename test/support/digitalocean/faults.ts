/** What goes wrong with a request: before it took effect, or after. */
export type FaultKind =
  | 'refuse' // 429 with retry-after
  | 'fail'
  | 'fail-after'
  | 'cut'
  | 'cut-after'
  | 'page' // a gateway's HTML
  | 'empty-after' // success without a body
  | 'hang-after'

interface PlannedFault {
  readonly kind: FaultKind
  /** Such as `POST /v2/droplets`. */
  readonly on: RegExp
  times: number
}

const RANDOM_KINDS: readonly FaultKind[] = ['refuse', 'fail', 'fail-after', 'cut', 'cut-after']

/** What is to go wrong; nothing, until a test says so. */
export class Faults {
  /** How long a new droplet is missing from lists. */
  listLagMs = 0
  /** Names of droplets that are accepted and then dropped. */
  readonly vanishing = new Set<string>()
  /** Names of droplets that take thirty times as long to come up. */
  readonly slow = new Set<string>()
  /** Names of droplets that do not heed a shutdown. */
  readonly deaf = new Set<string>()
  /** Sizes that no region has room for just now. */
  readonly soldOut = new Map<string, string[]>()
  #planned: PlannedFault[] = []
  #rate = 0
  #random: () => number = () => 1

  /** The next requests that match go wrong. */
  plan(kind: FaultKind, on: RegExp, times = 1): void {
    this.#planned.push({ kind, on, times })
  }

  /** So many of all requests go wrong, from 0 to 1, always the same ones for a seed. */
  atRandom(rate: number, seed: number): void {
    this.#rate = rate
    this.#random = mulberry32(seed)
  }

  /** What goes wrong with this request. */
  take(request: string): FaultKind | undefined {
    const planned = this.#planned.find(({ on, times }) => times > 0 && on.test(request))
    if (planned) {
      planned.times -= 1
      return planned.kind
    }
    if (this.#rate === 0 || this.#random() >= this.#rate) return undefined
    return RANDOM_KINDS[Math.floor(this.#random() * RANDOM_KINDS.length)]
  }
}

/** A small generator of random numbers with a seed. */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
