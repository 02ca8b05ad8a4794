import { BeltError } from '../errors.ts'

/**
 * Lets a write of Belt's state fail with a warning. It happens after work on hosts or machines, which is done: what came of
 * that must be reported, whether or not Belt can remember it.
 */
export function afterWork(warn: (message: string) => void) {
  return async (what: string, write: Promise<void>): Promise<void> => {
    try {
      await write
    } catch (error) {
      if (!(error instanceof BeltError)) throw error
      warn(`warning: ${what} could not be saved: ${error.message} (BELT_STATE_DIR names another folder)`)
    }
  }
}
