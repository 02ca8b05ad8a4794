import pLimit from 'p-limit'
import { BeltError } from '../../errors.ts'
import type { Machine, Outcome } from '../driver.ts'
import { outcomesOf } from '../outcomes.ts'
import { ActionWatch, actOn } from './act.ts'
import { ApiError } from './api-error.ts'
import { type Awaited, awaitDroplet } from './await-droplet.ts'
import { machineOf } from './machine.ts'
import { type Droplets, listDroplets, type Session } from './session.ts'
import type { Droplet, DropletAction } from './vendor.ts'

/** How many actions are requested at once; how many are waited for costs nothing. */
const IN_FLIGHT = 8

type Test = (droplet: Droplet) => boolean

/** One thing that is done to several droplets of the cluster. */
export class Work {
  readonly #session: Session
  readonly #machines: readonly Machine[]
  readonly #droplets: Droplets
  readonly #user: string
  readonly #actions: ActionWatch
  readonly #limit = pLimit(IN_FLIGHT)
  /** What was requested of the whole cluster in one call. */
  #requested: DropletAction['type'] | undefined

  private constructor(session: Session, machines: readonly Machine[], droplets: Droplets, user: string) {
    this.#session = session
    this.#machines = machines
    this.#droplets = droplets
    this.#user = user
    this.#actions = new ActionWatch(session)
  }

  /** @throws when the cluster cannot be read */
  static async on(session: Session, machines: readonly Machine[], user: string): Promise<Work> {
    return new Work(session, machines, await listDroplets(session), user)
  }

  /**
   * Requests an action of the whole cluster in one call, if all of it was asked for. Where that is refused, as when
   * one droplet is busy, each is asked by itself.
   */
  async requestOfAll(action: DropletAction, isDone: Test): Promise<void> {
    const { api, tag } = this.#session
    if (!isWholeCluster(this.#machines, this.#droplets)) return
    if ([...this.#droplets.values()].every(isDone)) return
    try {
      await api.actByTag(tag, action)
      this.#requested = action.type
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
    }
  }

  /** @param change resolves with how the droplet is then, or with undefined when nothing was to be done */
  each(title: string, change: (droplet: Droplet) => Promise<Droplet | undefined>): Promise<Outcome[]> {
    const { signal, progress } = this.#session
    return outcomesOf(
      this.#machines,
      async ({ id, name }) => {
        const droplet = this.#droplets.get(id) ?? isGone(name)
        const changed = await change(droplet)
        return { machine: machineOf(changed ?? droplet, this.#user), changed: changed !== undefined }
      },
      { title, concurrency: Number.POSITIVE_INFINITY, signal, progress },
    )
  }

  /** Requests an action of one droplet, unless it was requested of all. */
  async request({ id }: Droplet, action: DropletAction, isDone: Test): Promise<void> {
    if (this.#requested === action.type) return
    await this.#limit(() => actOn(this.#session, String(id), action, isDone))
  }

  /** As `request`, and waits until the action has ended. */
  async complete(
    { id, name }: Droplet,
    action: DropletAction,
    isDone: Test,
    deadlineMs: number,
  ): Promise<void> {
    const under = await this.#limit(() => actOn(this.#session, String(id), action, isDone))
    if (under) await this.#actions.end(under, name, deadlineMs)
  }

  /** Waits until a droplet is as wanted. */
  async until(droplet: Droplet, isAsWanted: Test, awaited: Awaited): Promise<Droplet> {
    return (await awaitDroplet(this.#session, droplet, isAsWanted, awaited)) ?? isGone(droplet.name)
  }
}

/** Whether these are all machines there are, and several, so that one call for the tag means just them. */
export function isWholeCluster(machines: readonly Machine[], droplets: Droplets): boolean {
  const ids = new Set(machines.map(machine => machine.id))
  return ids.size > 1 && ids.size === droplets.size && [...ids].every(id => droplets.has(id))
}

function isGone(name: string): never {
  throw new BeltError('machine-gone', `${name} is gone`, { host: name, hint: 'belt ls shows what there is' })
}
