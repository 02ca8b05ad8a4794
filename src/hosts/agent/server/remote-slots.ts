import type { SlotPool } from '../../slots.ts'
import { Kind } from '../protocol/frames.ts'

/**
 * The slots of a command, as the agent sees them. Only the agent decides that a host is silent, so it never starts a
 * call that has just lost its slot, and nothing is sent about slots while all hosts answer.
 */
export class RemoteSlots implements SlotPool {
  readonly #send: (kind: Kind) => void
  #go: (() => void) | undefined

  constructor(send: (kind: Kind) => void) {
    this.#send = send
  }

  free(): void {
    this.#send(Kind.silent)
  }

  reacquire(go: () => void): () => void {
    this.#go = go
    this.#send(Kind.answering)
    return () => {
      this.#go = undefined
    }
  }

  /** The command has a slot for the call again. */
  goOn(): void {
    this.#go?.()
  }
}
