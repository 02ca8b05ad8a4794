import { BeltError, reasonOf } from '../../errors.ts'
import { understood } from '../../hosts/engine-client.ts'
import type { Host } from '../../hosts/host.ts'
import { runChecked } from '../../hosts/run-checked.ts'
import type { Progress } from '../../progress.ts'
import { inContext } from '../../record.ts'
import { joinTokenCommand, parseJoinToken } from '../../remote/swarm.ts'
import type { JoinTarget } from './join-target.ts'

/** How long a manager may take. An interruption does not shorten it. */
const ROTATE_TIMEOUT_MS = 30_000

export interface TokenUse<T> {
  readonly result: T
  /** Whether the token was rotated. It is not rotated if it was never shown. */
  readonly tokenReplaced: boolean
  /** Why a token that was shown is still valid; undefined if none is. */
  readonly tokenError: BeltError | undefined
}

/**
 * Runs work that may show the worker token to others, and rotates the token afterwards, even if the work fails. If the
 * work throws, its error is thrown, and a failed rotation is noted.
 * @param work calls the given function before it shows the token
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

/**
 * Asks one manager after another, even after an interruption.
 * @returns why none of them rotated the token
 */
async function replaceToken(managers: readonly Host[], spent: string): Promise<BeltError | undefined> {
  let last: unknown
  for (const manager of managers) {
    try {
      const rotate = joinTokenCommand('worker', true)
      const { stdout } = await inContext({ title: 'Replace the worker join token' }, () =>
        runChecked(manager, rotate, { timeoutMs: ROTATE_TIMEOUT_MS }),
      )
      if (understood(manager, () => parseJoinToken(stdout)) !== spent) return undefined
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
