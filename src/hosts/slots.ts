/** How long a silent host occupies its slot; the same as for the gate that limits starts. */
const SILENT_MS = 1_000

/** One host's slot among those that are worked on at once. */
export interface Slot {
  /** Whether the slot was released because the host is silent. */
  readonly isReleased: boolean
  /**
   * Waits for a connection. If that takes more than a second, the slot is released. May be called again after a failure.
   */
  connecting<T>(connection: Promise<T>): Promise<T>
  /** Releases the slot at once, when something else has already waited for the host. */
  release(): void
  /** Resolves when the host has a slot again. Returning hosts go before hosts that have not started. */
  reacquire(): Promise<void>
}

/** A pool that slots are released to and reacquired from. */
export interface SlotPool {
  /** Releases one slot. */
  free(): void
  /** Calls back when a slot is free. @returns cancels the wait */
  reacquire(go: () => void): () => void
}

/** A sliding window over hosts: limits how many are worked on at once, without letting silent ones delay the others. */
export class SlotWindow implements SlotPool {
  #free: number
  #startable: number
  readonly #returning = new Set<() => void>()
  readonly #waiting: (() => void)[] = []

  /**
   * @param size how many hosts to work on at once
   * @param maxStarted how many hosts to start at once, including silent ones
   */
  constructor(size: number, maxStarted = Number.POSITIVE_INFINITY) {
    this.#free = size
    this.#startable = maxStarted
  }

  /** Runs `work` as soon as a slot is free. */
  async through<T>(work: (slot: Slot) => Promise<T>): Promise<T> {
    await new Promise<void>(resolve => {
      this.#waiting.push(resolve)
      this.#admit()
    })
    const slot = new HeldSlot(this)
    try {
      return await work(slot)
    } finally {
      this.#startable++
      slot.end()
      this.#admit()
    }
  }

  free(): void {
    this.#free++
    this.#admit()
  }

  reacquire(go: () => void): () => void {
    this.#returning.add(go)
    this.#admit()
    return () => this.#returning.delete(go)
  }

  #admit(): void {
    while (this.#free > 0) {
      const next = this.#next()
      if (!next) return
      this.#free--
      next()
    }
  }

  #next(): (() => void) | undefined {
    for (const go of this.#returning) {
      this.#returning.delete(go)
      return go
    }
    if (this.#startable === 0 || this.#waiting.length === 0) return undefined
    this.#startable--
    return this.#waiting.shift()
  }
}

/** A slot of a pool, from its start to its end. */
export class HeldSlot implements Slot {
  readonly #places: SlotPool
  isReleased: boolean
  #timer: NodeJS.Timeout | undefined
  #giveUp: (() => void) | undefined

  constructor(places: SlotPool, isReleased = false) {
    this.#places = places
    this.isReleased = isReleased
  }

  async connecting<T>(connection: Promise<T>): Promise<T> {
    if (!this.isReleased) this.#timer = setTimeout(() => this.release(), SILENT_MS)
    try {
      return await connection
    } finally {
      clearTimeout(this.#timer)
    }
  }

  release(): void {
    if (this.isReleased) return
    this.isReleased = true
    this.#places.free()
  }

  reacquire(): Promise<void> {
    // An earlier request that is no longer waited for would occupy a second slot.
    this.#giveUp?.()
    return new Promise(resolve => {
      this.#giveUp = this.#places.reacquire(() => {
        this.isReleased = false
        resolve()
      })
    })
  }

  /** Releases the slot for good. */
  end(): void {
    clearTimeout(this.#timer)
    if (this.isReleased) this.#giveUp?.()
    else this.#places.free()
  }
}
