/** So long a silent host counts against the window; it is as long as it counts against the starts. */
const SILENT_MS = 1_000

/** The place of one host among those that are worked on at once. */
export interface Slot {
  /** Whether the place was given to another host, because this one was silent. */
  readonly isReleased: boolean
  /**
   * Waits for a host that is connected to: when that takes more than a second, others may take the place. May be called
   * again where it comes to nothing.
   */
  connecting<T>(connection: Promise<T>): Promise<T>
  /** Gives the place to others at once, where somebody else has waited for the host. */
  release(): void
  /** Resolves when the host has a place again; those that come back go before those that were not begun. */
  reacquire(): Promise<void>
}

/** Where a place is given to others, and taken again. */
export interface SlotPool {
  /** Frees a place. */
  free(): void
  /** Calls back once there is a place again. @returns what gives up waiting for it */
  reacquire(go: () => void): () => void
}

/** A sliding window over hosts: so many are worked on at once, and silent ones delay no others. */
export class SlotWindow implements SlotPool {
  #free: number
  #mayBegin: number
  readonly #returning = new Set<() => void>()
  readonly #waiting: (() => void)[] = []

  /**
   * @param places how many are worked on at once
   * @param most how many may be begun at once, those included that are silent
   */
  constructor(places: number, most = Number.POSITIVE_INFINITY) {
    this.#free = places
    this.#mayBegin = most
  }

  /** Does `work` as soon as a slot is free. */
  async through<T>(work: (slot: Slot) => Promise<T>): Promise<T> {
    await new Promise<void>(resolve => {
      this.#waiting.push(resolve)
      this.#admit()
    })
    const slot = new HeldSlot(this)
    try {
      return await work(slot)
    } finally {
      this.#mayBegin++
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
    if (this.#mayBegin === 0 || this.#waiting.length === 0) return undefined
    this.#mayBegin--
    return this.#waiting.shift()
  }
}

/** A slot in one of the places, from its beginning to its end. */
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
    // one that was asked for and not waited for any more would be a second place
    this.#giveUp?.()
    return new Promise(resolve => {
      this.#giveUp = this.#places.reacquire(() => {
        this.isReleased = false
        resolve()
      })
    })
  }

  /** Gives the place to others for good. */
  end(): void {
    clearTimeout(this.#timer)
    if (this.isReleased) this.#giveUp?.()
    else this.#places.free()
  }
}
