import { shownMessage } from '../domain/shown.ts'
import { BeltError, ExitCode, usageError } from '../errors.ts'
import { stdio } from './stdio.ts'

/**
 * Asks for confirmation before something is destroyed (default answer: no).
 * @param question names what will be destroyed
 * @param kept says what a no leaves unchanged
 * @throws a usage error if nobody can be asked; a `cancelled` error if the answer is no, because a cancelled run is not
 *   a success
 */
export async function confirm(question: string, kept = 'nothing was changed'): Promise<void> {
  if (!stdio.canAsk) {
    throw usageError('confirmation-needed', `${question} There is no terminal to ask on.`, {
      hint: 'add --yes (or set BELT_YES=1) to proceed without asking',
    })
  }
  const { default: ask } = await import('@inquirer/confirm')
  const yes = await stdio
    .ask(terminal => ask({ message: shownMessage(question), default: false }, terminal))
    .catch(() => false)
  if (!yes) throw new BeltError('cancelled', `cancelled, ${kept}`, { exitCode: ExitCode.interrupted })
}
