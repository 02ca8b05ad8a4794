import pLimit from 'p-limit'
import { BeltError } from '../../errors.ts'
import type { Machine, Outcome } from '../driver.ts'
import { outcomesOf } from '../outcomes.ts'
import { ActionWatch, actOn } from './act.ts'
import { ApiError } from './api-error.ts'
import { awaitDroplet } from './await-droplet.ts'
import { machineOf } from './machine.ts'
import { type Droplets, listDroplets, type Session } from './session.ts'
import type { Droplet, DropletAction, Size } from './vendor.ts'

/** How long a droplet may take to end what runs on it, before its power is cut. */
const GRACE_MS = 90_000
const POWER_DEADLINE_MS = 180_000
const REBOOT_DEADLINE_MS = 300_000
/** One that grows the disk takes longest. */
const RESIZE_DEADLINE_MS = 1_800_000

/** How many actions are requested at once; how many are waited for costs nothing. */
const IN_FLIGHT = 8

const isOff = ({ status }: Droplet) => status === 'off'
const isOn = ({ status }: Droplet) => status === 'active'

/** What is done to each droplet: resolves with how it is then, or undefined when nothing was to be done. */
type Change = (droplet: Droplet, request: Request) => Promise<Droplet | undefined>
type Request = typeof actOn

/** Shuts droplets down; those that do not heed it in time have their power cut. */
export async function shutDown(
  session: Session,
  machines: readonly Machine[],
  user: string,
): Promise<Outcome[]> {
  const droplets = await listDroplets(session)
  const all = await requestOfAll(session, machines, droplets, { type: 'shutdown' })
  return await changeEach(
    session,
    machines,
    droplets,
    { title: 'Stopping machines', user },
    async (droplet, request) => {
      if (isOff(droplet)) return undefined
      if (!all) await request(session, String(droplet.id), { type: 'shutdown' }, isOff)
      try {
        return await present(
          droplet,
          awaitDroplet(session, droplet, isOff, { deadlineMs: GRACE_MS, to: 'shut down' }),
        )
      } catch (error) {
        if (!(error instanceof BeltError) || error.code !== 'too-late') throw error
        session.progress.note(`${error.message}: its power is cut`)
      }
      await request(session, String(droplet.id), { type: 'power_off' }, isOff)
      return await present(
        droplet,
        awaitDroplet(session, droplet, isOff, { deadlineMs: POWER_DEADLINE_MS, to: 'go off' }),
      )
    },
  )
}

export async function powerOn(
  session: Session,
  machines: readonly Machine[],
  user: string,
): Promise<Outcome[]> {
  const droplets = await listDroplets(session)
  const all = await requestOfAll(session, machines, droplets, { type: 'power_on' })
  return await changeEach(
    session,
    machines,
    droplets,
    { title: 'Starting machines', user },
    async (droplet, request) => {
      if (isOn(droplet)) return undefined
      if (!all) await request(session, String(droplet.id), { type: 'power_on' }, isOn)
      return await present(
        droplet,
        awaitDroplet(session, droplet, isOn, { deadlineMs: POWER_DEADLINE_MS, to: 'start' }),
      )
    },
  )
}

export async function reboot(
  session: Session,
  machines: readonly Machine[],
  user: string,
): Promise<Outcome[]> {
  const watch = new ActionWatch(session)
  const droplets = await listDroplets(session)
  return await changeEach(
    session,
    machines,
    droplets,
    { title: 'Restarting machines', user },
    async (droplet, request) => {
      if (isOff(droplet)) throw wrongPower(droplet, 'is off and cannot be rebooted', 'start it: belt start')
      const action = await request(session, String(droplet.id), { type: 'reboot' }, () => false)
      if (action) await watch.end(action, droplet.name, REBOOT_DEADLINE_MS)
      return droplet
    },
  )
}

/**
 * Gives droplets another size. The disk is kept unless it is told to grow, which cannot be undone.
 * @param sizeIn the size in a region
 */
export async function resize(
  session: Session,
  machines: readonly Machine[],
  user: string,
  sizeIn: (region: string) => Size,
  disk: boolean,
): Promise<Outcome[]> {
  const watch = new ActionWatch(session)
  const droplets = await listDroplets(session)
  return await changeEach(
    session,
    machines,
    droplets,
    { title: 'Resizing machines', user },
    async (droplet, request) => {
      const { slug } = sizeIn(droplet.region.slug)
      const hasSize = (droplet: Droplet) => droplet.size_slug === slug
      if (hasSize(droplet)) return undefined
      if (!isOff(droplet))
        throw wrongPower(
          droplet,
          'runs, and only a droplet that is off can be resized',
          'shut it down first: belt shutdown',
        )
      const action = await request(session, String(droplet.id), { type: 'resize', size: slug, disk }, hasSize)
      if (action) await watch.end(action, droplet.name, RESIZE_DEADLINE_MS)
      return await present(
        droplet,
        awaitDroplet(session, droplet, hasSize, { deadlineMs: POWER_DEADLINE_MS, to: 'change its size' }),
      )
    },
  )
}

async function changeEach(
  session: Session,
  machines: readonly Machine[],
  droplets: Droplets,
  { title, user }: { title: string; user: string },
  change: Change,
): Promise<Outcome[]> {
  const limit = pLimit(IN_FLIGHT)
  const request: Request = (...parts) => limit(() => actOn(...parts))
  const { signal, progress } = session
  return await outcomesOf(
    machines,
    async machine => {
      const droplet = await present(machine, droplets.get(machine.id))
      const changed = await change(droplet, request)
      return { machine: machineOf(changed ?? droplet, user), changed: changed !== undefined }
    },
    { title, concurrency: Number.POSITIVE_INFINITY, signal, progress },
  )
}

/**
 * Requests an action of the whole cluster in one call, if all of it was asked for.
 * @returns false when each droplet is to be asked by itself, as when one is busy, which refuses the whole call
 */
async function requestOfAll(
  { api, tag }: Session,
  machines: readonly Machine[],
  droplets: Droplets,
  action: DropletAction,
): Promise<boolean> {
  if (!isWholeCluster(machines, droplets)) return false
  try {
    await api.actByTag(tag, action)
    return true
  } catch (error) {
    if (error instanceof ApiError) return false
    throw error
  }
}

/** Whether these are all machines there are, and several, so that one call for the tag means just them. */
export function isWholeCluster(machines: readonly Machine[], droplets: Droplets): boolean {
  const ids = new Set(machines.map(machine => machine.id))
  return ids.size > 1 && ids.size === droplets.size && [...ids].every(id => droplets.has(id))
}

async function present(
  { name }: { readonly name: string },
  droplet: Droplet | undefined | Promise<Droplet | undefined>,
): Promise<Droplet> {
  const found = await droplet
  if (found) return found
  throw new BeltError('machine-gone', `${name} is gone`, { host: name, hint: 'belt ls shows what there is' })
}

function wrongPower({ name }: Droplet, what: string, hint: string): BeltError {
  return new BeltError('wrong-power', `${name} ${what}`, { host: name, hint })
}
