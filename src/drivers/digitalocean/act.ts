import { BeltError } from '../../errors.ts'
import { PAGE_SIZE } from './api.ts'
import { ApiError, isPendingEvent } from './api-error.ts'
import type { Session } from './session.ts'
import { SharedReading } from './shared-reading.ts'
import type { Action, Droplet, DropletAction } from './vendor.ts'

/** How long to wait for another action on the droplet. */
const PENDING_DEADLINE_MS = 300_000
const PAUSE_MS = 5000

/** Up to this many actions are read one by one; more are read from the account's list of actions. */
const FEW = 3

/**
 * Requests an action, and first waits for any other action in progress. If the answer is lost, requests it again unless
 * it turns out to be in progress or done. A droplet may therefore reboot twice.
 * @param isDone whether a droplet already has the result of the action
 * @returns undefined if nothing is left to do
 */
export async function actOn(
  { api, clock, signal }: Session,
  id: string,
  action: DropletAction,
  isDone: (droplet: Droplet) => boolean,
): Promise<Action | undefined> {
  const end = clock.now() + PENDING_DEADLINE_MS
  for (let wasLost = false; ; ) {
    try {
      return await api.act(id, action)
    } catch (error) {
      const isLost = error instanceof ApiError && error.outcome === 'lost'
      const isPending = isPendingEvent(error)
      if (!isLost && !isPending && (await isDoneNow(error))) return undefined
      if ((!isLost && !isPending) || clock.now() >= end) throw error
      const own = isPending && wasLost ? await inProgress() : undefined
      if (own) return own
      wasLost ||= isLost
      await clock.sleep(PAUSE_MS, signal)
    }
  }

  async function isDoneNow(error: unknown): Promise<boolean> {
    const droplet = error instanceof ApiError && error.status === 422 ? await api.droplet(id) : undefined
    return droplet !== undefined && isDone(droplet)
  }

  async function inProgress(): Promise<Action | undefined> {
    const actions = await api.actionsOf(id)
    return actions.find(({ type, status }) => type === action.type && status === 'in-progress')
  }
}

/** Watches all actions of one driver call together. */
export class ActionWatch {
  readonly #session: Session
  readonly #pending = new Set<number>()
  readonly #polled: SharedReading<ReadonlyMap<number, Action>>

  constructor(session: Session) {
    const { clock, signal } = session
    this.#session = session
    this.#polled = new SharedReading(
      () => clock.sleep(PAUSE_MS, signal),
      async () => new Map((await this.#read()).map(action => [action.id, action])),
    )
  }

  /**
   * Waits for an action to finish.
   * @param name the machine's name, for messages
   * @throws if it failed or did not finish in time
   */
  async end({ id, type }: Action, name: string, deadlineMs: number): Promise<void> {
    const { clock, signal } = this.#session
    const end = clock.now() + deadlineMs
    this.#pending.add(id)
    for (;;) {
      const status = await this.#statusOf(id).catch(() => signal?.throwIfAborted())
      if (status === 'completed') return
      if (status === 'errored')
        throw actionFailed(`DigitalOcean failed to ${type} ${name} (action ${id})`, name)
      if (clock.now() >= end) {
        throw actionFailed(
          `the ${type} of ${name} did not finish within ${deadlineMs / 1000} s (action ${id})`,
          name,
        )
      }
    }
  }

  async #statusOf(id: number): Promise<Action['status'] | undefined> {
    const status = (await this.#polled.next()).get(id)?.status
    if (status === 'completed' || status === 'errored') this.#pending.delete(id)
    return status
  }

  async #read(): Promise<Action[]> {
    const { api } = this.#session
    const ids = [...this.#pending]
    if (ids.length <= FEW) return await Promise.all(ids.map(id => api.action(id)))
    const oldest = Math.min(...ids)
    const actions: Action[] = []
    for (let page = 1; ; page++) {
      const read = await api.actions(page)
      actions.push(...read)
      if (read.length < PAGE_SIZE || read.some(({ id }) => id <= oldest)) return actions
    }
  }
}

function actionFailed(message: string, name: string): BeltError {
  return new BeltError('action-failed', message, { host: name, hint: 'run belt ls to see its status' })
}
