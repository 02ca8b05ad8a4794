import type { Slot, SlotPool } from '../../slots.ts'
import type { Listener } from '../client/agent-client.ts'
import { Kind } from './frames.ts'

/**
 * What a command does with its slot as the agent tells of the host.
 * @param goOn tells the agent that the call has its slot
 */
export function listenerFor(slot: Slot, goOn: () => void): Pick<Listener, 'silent' | 'answering'> {
  return {
    silent: () => slot.release(),
    answering: async () => {
      if (slot.isReleased) await slot.reacquire()
      goOn()
    },
  }
}

/**
 * The places of a command, as its agent sees them. The agent alone judges a host silent, so that it never begins what
 * has just lost its place, and where no host is silent nothing is said of slots.
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

  /** The command has a place for the call again. */
  goOn(): void {
    this.#go?.()
  }
}
