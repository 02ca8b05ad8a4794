import type { Slot } from '../../slots.ts'
import type { Listener } from './agent-client.ts'

/**
 * Releases and reacquires a command's slot as the agent reports the host silent or answering.
 * @param goOn tells the agent that the call has its slot again
 */
export function slotListener(slot: Slot, goOn: () => void): Pick<Listener, 'silent' | 'answering'> {
  return {
    silent: () => slot.release(),
    answering: async () => {
      if (slot.isReleased) await slot.reacquire()
      goOn()
    },
  }
}
