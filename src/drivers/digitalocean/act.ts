import { BeltError } from '../../errors.ts'
import { PAGE_SIZE } from './api.ts'
import { ApiError, isPendingEvent } from './api-error.ts'
import type { Session } from './session.ts'
import { SharedReading } from './shared-reading.ts'
import type { Action, Droplet, DropletAction } from './vendor.ts'

/** How long another action on the droplet is waited for. */
const PENDING_DEADLINE_MS = 300_000
const PAUSE_MS = 5000

/** Actions that are asked for one by one; more are looked for in the account's list of them. */
const FEW = 3

/**
 * Requests an action, waiting for one that is under way. After a lost answer it is requested again, unless it turns
 * out to be under way or done; a reboot may so happen twice.
 * @param isDone whether a droplet is as the action makes it
 * @returns undefined when it is done already
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
      const isLost = error instanceof ApiError && error.fate === 'lost'
      const isPending = isPendingEvent(error)
      if (!isLost && !isPending && (await isDoneNow(error))) return undefined
      if ((!isLost && !isPending) || clock.now() >= end) throw error
      const own = isPending && wasLost ? await underWay() : undefined
      if (own) return own
      wasLost ||= isLost
      await clock.sleep(PAUSE_MS, signal)
    }
  }

  async function isDoneNow(error: unknown): Promise<boolean> {
    const droplet = error instanceof ApiError && error.status === 422 ? await api.droplet(id) : undefined
    return droplet !== undefined && isDone(droplet)
  }

  async function underWay(): Promise<Action | undefined> {
    const actions = await api.actionsOf(id)
    return actions.find(({ type, status }) => type === action.type && status === 'in-progress')
  }
}

/** The actions of one call of the driver, watched together. */
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
   * Waits until an action has ended.
   * @param name of the machine, for messages
   * @throws when it failed, or did not end in time
   */
  async end({ id, type }: Action, name: string, deadlineMs: number): Promise<void> {
    const { clock, signal } = this.#session
    const end = clock.now() + deadlineMs
    this.#pending.add(id)
    for (;;) {
      const status = await this.#statusOf(id).catch(() => signal?.throwIfAborted())
      if (status === 'completed') return
      if (status === 'errored')
        throw unfinished(`DigitalOcean failed to ${type} ${name} (action ${id})`, name)
      if (clock.now() >= end) {
        throw unfinished(
          `the ${type} of ${name} did not end within ${deadlineMs / 1000} s (action ${id})`,
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

function unfinished(message: string, name: string): BeltError {
  return new BeltError('action-failed', message, { host: name, hint: 'belt ls shows how it is now' })
}
