import type { Places, Turn } from '../../window.ts'
import type { Listener } from '../client/agent-client.ts'
import { Kind } from '../protocol/frames.ts'

/**
 * What a command does with its turn as the agent tells of the host.
 * @param goOn tells the agent that the call has its turn
 */
export function listenerFor(turn: Turn, goOn: () => void): Pick<Listener, 'silent' | 'answering'> {
  return {
    silent: () => turn.lend(),
    answering: async () => {
      if (turn.isLent) await turn.takeBack()
      goOn()
    },
  }
}

/**
 * The places of a command, as its agent sees them. The agent alone judges a host silent, so that it never begins what
 * has just lost its place, and where no host is silent nothing is said of turns.
 */
export class FarPlaces implements Places {
  readonly #send: (kind: Kind) => void
  #go: (() => void) | undefined

  constructor(send: (kind: Kind) => void) {
    this.#send = send
  }

  leave(): void {
    this.#send(Kind.silent)
  }

  comeBack(go: () => void): () => void {
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
