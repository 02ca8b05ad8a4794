import { BeltError, reasonOf } from '../../errors.ts'
import type { Host } from '../../hosts/host.ts'
import { runChecked } from '../../hosts/run-checked.ts'
import type { Progress } from '../../progress.ts'
import { inContext } from '../../record.ts'
import { joinTokenCommand } from '../../remote/swarm.ts'
import type { JoinTarget } from './join-target.ts'

/** How long a manager may take; an interruption does not shorten it. */
const ROTATE_TIMEOUT_MS = 30_000

export interface TokenUse<T> {
  readonly result: T
  /** Whether there is a new token; none is made where the old one was not shown. */
  readonly tokenReplaced: boolean
  /** Why a token that was shown still lets anyone in; undefined: none does. */
  readonly tokenError: BeltError | undefined
}

/**
 * Does work that may show the worker token to others, and makes a new one when it ends, however it ends, so that the old
 * one is worth nothing then. What the work throws is thrown; that the token was not replaced is noted then.
 * @param work calls what it is handed before it shows the token
 */
export async function rotateTokenAfter<T>(
  { view, token }: Pick<JoinTarget, 'view' | 'token'>,
  progress: Progress,
  work: (showing: () => void) => Promise<T>,
): Promise<TokenUse<T>> {
  let shown = false
  const replaceShown = async () => (shown ? replaceToken(view.hosts, token) : undefined)
  try {
    const result = await work(() => {
      shown = true
    })
    const tokenError = await replaceShown()
    return { result, tokenReplaced: shown && !tokenError, tokenError }
  } catch (error) {
    const tokenError = await replaceShown()
    if (tokenError) progress.note(`warning: ${tokenError.message}; ${tokenError.hint}`)
    throw error
  }
}

/** Asks one manager after the other, also after an interruption. @returns why none did it */
async function replaceToken(managers: readonly Host[], spent: string): Promise<BeltError | undefined> {
  let last: unknown
  for (const manager of managers) {
    try {
      const rotate = joinTokenCommand('worker', true)
      const { stdout } = await inContext({ title: 'Replace the worker join token' }, () =>
        runChecked(manager, rotate, { timeoutMs: ROTATE_TIMEOUT_MS }),
      )
      if (stdout.startsWith('SWMTKN-') && stdout.trim() !== spent) return undefined
      last = `${manager.name} returned no new token`
    } catch (error) {
      last = error
    }
  }
  return new BeltError(
    'token-not-replaced',
    `the worker token in the user data of the new machines still lets anyone join: ${reasonOf(last)}`,
    { hint: 'belt swarm token worker --rotate', cause: last },
  )
}
