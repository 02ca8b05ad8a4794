import pLimit from 'p-limit'
import { BeltError } from '../../errors.ts'
import type { Machine, Outcome } from '../driver.ts'
import { outcomesOf } from '../outcomes.ts'
import { ActionWatch, actOn } from './act.ts'
import { ApiError } from './api-error.ts'
import { awaitDroplet, type Expectation } from './await-droplet.ts'
import { machineFromDroplet } from './machine.ts'
import { type Droplets, listDroplets, type Session } from './session.ts'
import type { Droplet, DropletAction } from './vendor.ts'

/** How many actions to request at once; waiting for them is not limited. */
const IN_FLIGHT = 8

type Test = (droplet: Droplet) => boolean

/** One operation on several droplets of a cluster. */
export class Work {
  readonly #session: Session
  readonly #machines: readonly Machine[]
  readonly #droplets: Droplets
  readonly #user: string
  readonly #actions: ActionWatch
  readonly #limit = pLimit(IN_FLIGHT)
  /** The action that was requested for the whole cluster in one call. */
  #requested: DropletAction['type'] | undefined

  private constructor(session: Session, machines: readonly Machine[], droplets: Droplets, user: string) {
    this.#session = session
    this.#machines = machines
    this.#droplets = droplets
    this.#user = user
    this.#actions = new ActionWatch(session)
  }

  /** @throws if the cluster cannot be read */
  static async on(session: Session, machines: readonly Machine[], user: string): Promise<Work> {
    return new Work(session, machines, await listDroplets(session), user)
  }

  /**
   * Requests an action for the whole cluster in one call, if the machines are the whole cluster. If that is refused, for
   * example because one droplet is busy, `request` requests it for each droplet.
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

  /** @param change resolves to the changed droplet, or to undefined if nothing had to be done */
  each(title: string, change: (droplet: Droplet) => Promise<Droplet | undefined>): Promise<Outcome[]> {
    const { signal, progress } = this.#session
    return outcomesOf(
      this.#machines,
      async ({ id, name }) => {
        const droplet = this.#droplets.get(id) ?? throwGone(name)
        const changed = await change(droplet)
        return { machine: machineFromDroplet(changed ?? droplet, this.#user), changed: changed !== undefined }
      },
      { title, concurrency: Number.POSITIVE_INFINITY, signal, progress },
    )
  }

  /** Requests an action for one droplet, unless it was already requested for all. */
  async request({ id }: Droplet, action: DropletAction, isDone: Test): Promise<void> {
    if (this.#requested === action.type) return
    await this.#limit(() => actOn(this.#session, String(id), action, isDone))
  }

  /** Like `request`, and waits for the action to finish. */
  async complete(
    { id, name }: Droplet,
    action: DropletAction,
    isDone: Test,
    deadlineMs: number,
  ): Promise<void> {
    const started = await this.#limit(() => actOn(this.#session, String(id), action, isDone))
    if (started) await this.#actions.end(started, name, deadlineMs)
  }

  /** Waits until a droplet is in the desired state. */
  async until(droplet: Droplet, isAsWanted: Test, awaited: Expectation): Promise<Droplet> {
    return (await awaitDroplet(this.#session, droplet, isAsWanted, awaited)) ?? throwGone(droplet.name)
  }
}

/** Whether these are all machines of the cluster, and more than one, so that one call for the tag affects exactly them. */
export function isWholeCluster(machines: readonly Machine[], droplets: Droplets): boolean {
  const ids = new Set(machines.map(machine => machine.id))
  return ids.size > 1 && ids.size === droplets.size && [...ids].every(id => droplets.has(id))
}

function throwGone(name: string): never {
  throw new BeltError('machine-gone', `${name} no longer exists`, {
    host: name,
    hint: 'run belt ls to list the machines',
  })
}
