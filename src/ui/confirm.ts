import { BeltError, ExitCode, usageError } from '../errors.ts'
import { stdio } from './stdio.ts'

/**
 * Asks before something is destroyed; the answer is no unless given.
 * @param question names what it is about
 * @param kept what a no leaves as it was
 * @throws a usage error where nobody can be asked; an `interrupted` error when the answer is no, because a
 *   cancelled run is no success
 */
export async function confirm(question: string, kept = 'nothing was changed'): Promise<void> {
  if (!stdio.canAsk) {
    throw usageError('confirmation-needed', `${question} Nobody can be asked here.`, {
      hint: 'add --yes (or set BELT_YES=1) to go on without a question',
    })
  }
  const { default: ask } = await import('@inquirer/confirm')
  const yes = await stdio
    .ask(terminal => ask({ message: question, default: false }, terminal))
    .catch(() => false)
  if (!yes) throw new BeltError('cancelled', `cancelled, ${kept}`, { exitCode: ExitCode.interrupted })
}
