import { BeltError } from '../../errors.ts'
import type { Machine, Outcome } from '../driver.ts'
import type { Session } from './session.ts'
import type { Droplet, Size } from './vendor.ts'
import { Work } from './work.ts'

/** How long a droplet may take to end what runs on it, before its power is cut. */
const GRACE_MS = 90_000
const POWER_DEADLINE_MS = 180_000
const REBOOT_DEADLINE_MS = 300_000
/** One that grows the disk takes longest. */
const RESIZE_DEADLINE_MS = 1_800_000

const isOff = ({ status }: Droplet) => status === 'off'
const isOn = ({ status }: Droplet) => status === 'active'

/** Shuts droplets down; those that do not heed it in time have their power cut. */
export async function shutDown(
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
      session.progress.note(`${error.message}: its power is cut`)
    }
    await work.request(droplet, { type: 'power_off' }, isOff)
    return await work.until(droplet, isOff, { deadlineMs: POWER_DEADLINE_MS, to: 'go off' })
  })
}

export async function powerOn(
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

export async function reboot(
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
  const work = await Work.on(session, machines, user)
  return await work.each('Resizing machines', async droplet => {
    const { slug } = sizeIn(droplet.region.slug)
    const hasSize = ({ size_slug }: Droplet) => size_slug === slug
    if (hasSize(droplet)) return undefined
    if (!isOff(droplet)) {
      const message = `${droplet.name} runs, and only a droplet that is off can be resized`
      throw wrongPower('machine-on', message, droplet, 'shutdown')
    }
    await work.complete(droplet, { type: 'resize', size: slug, disk }, hasSize, RESIZE_DEADLINE_MS)
    return await work.until(droplet, hasSize, { deadlineMs: POWER_DEADLINE_MS, to: 'change its size' })
  })
}

function wrongPower(code: string, message: string, { name }: Droplet, command: string): BeltError {
  return new BeltError(code, message, { host: name, hint: `belt ${command} ${name}` })
}
