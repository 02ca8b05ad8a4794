import { BeltError } from '../../errors.ts'
import type { Machine, Outcome } from '../driver.ts'
import { explainResizeRefusal } from './refusal.ts'
import type { Session } from './session.ts'
import type { Droplet, Size } from './vendor.ts'
import { Work } from './work.ts'

/** How long a droplet may take to shut down before its power is turned off. */
const GRACE_MS = 90_000
const POWER_DEADLINE_MS = 180_000
const REBOOT_DEADLINE_MS = 300_000
/** Growing the disk takes longest. */
const RESIZE_DEADLINE_MS = 1_800_000

const isOff = ({ status }: Droplet) => status === 'off'
const isOn = ({ status }: Droplet) => status === 'active'

/** Shuts down droplets. Turns off the power of those that do not shut down in time. */
export async function shutDownDroplets(
  session: Session,
  machines: readonly Machine[],
  user: string,
): Promise<Outcome[]> {
  const work = await Work.on(session, machines, user)
  await work.requestOfAll({ type: 'shutdown' }, isOff)
  return await work.each('Stopping machines', async droplet => {
    if (isOff(droplet)) return undefined
    await work.request(droplet, { type: 'shutdown' }, isOff)
    try {
      return await work.until(droplet, isOff, { deadlineMs: GRACE_MS, to: 'shut down' })
    } catch (error) {
      if (!(error instanceof BeltError) || error.code !== 'too-late') throw error
      session.progress.note(`${error.message}; turning off its power`)
    }
    await work.request(droplet, { type: 'power_off' }, isOff)
    return await work.until(droplet, isOff, { deadlineMs: POWER_DEADLINE_MS, to: 'go off' })
  })
}

export async function startDroplets(
  session: Session,
  machines: readonly Machine[],
  user: string,
): Promise<Outcome[]> {
  const work = await Work.on(session, machines, user)
  await work.requestOfAll({ type: 'power_on' }, isOn)
  return await work.each('Starting machines', async droplet => {
    if (isOn(droplet)) return undefined
    await work.request(droplet, { type: 'power_on' }, isOn)
    return await work.until(droplet, isOn, { deadlineMs: POWER_DEADLINE_MS, to: 'start' })
  })
}

export async function rebootDroplets(
  session: Session,
  machines: readonly Machine[],
  user: string,
): Promise<Outcome[]> {
  const work = await Work.on(session, machines, user)
  return await work.each('Restarting machines', async droplet => {
    if (isOff(droplet)) throw wrongPower('machine-off', `${droplet.name} is off`, droplet, 'start')
    await work.complete(droplet, { type: 'reboot' }, () => false, REBOOT_DEADLINE_MS)
    return droplet
  })
}

/**
 * Resizes droplets.
 * @param sizeIn finds the size for a region
 * @param disk whether to grow the disk too, which cannot be undone
 */
export async function resizeDroplets(
  session: Session,
  machines: readonly Machine[],
  user: string,
  sizeIn: (region: string) => Size,
  disk: boolean,
): Promise<Outcome[]> {
  const work = await Work.on(session, machines, user)
  return await work.each('Resizing machines', async droplet => {
    const { slug } = sizeIn(droplet.region.slug)
    const hasSize = ({ size_slug }: Droplet) => size_slug === slug
    if (hasSize(droplet)) return undefined
    if (!isOff(droplet)) {
      const message = `${droplet.name} is running, and only a stopped droplet can be resized`
      throw wrongPower('machine-on', message, droplet, 'shutdown')
    }
    try {
      await work.complete(droplet, { type: 'resize', size: slug, disk }, hasSize, RESIZE_DEADLINE_MS)
    } catch (error) {
      throw explainResizeRefusal(error, slug)
    }
    return await work.until(droplet, hasSize, { deadlineMs: POWER_DEADLINE_MS, to: 'change its size' })
  })
}

function wrongPower(code: string, message: string, { name }: Droplet, command: string): BeltError {
  return new BeltError(code, message, { host: name, hint: `run belt ${command} ${name} first` })
}
