import { type Answer, failedOf, fanOut } from '../../hosts/fan-out.ts'
import { bootOf } from '../../steps/reboot-host.ts'
import { readSettings } from '../../steps/update-swarm.ts'
import type { Fleet } from '../fleet.ts'
import { drainNodes } from '../swarm/drain.ts'
import { readUnlockKey } from '../swarm/update.ts'
import { type Charge, keepRecord, type UpgradeScene } from './charges.ts'
import { NodeUpgrade } from './node-upgrade.ts'
import type { RunOptions } from './run.ts'
import { stoppedAt } from './stopped.ts'
import { viewOf, type Wave } from './wave.ts'

/** Takes the nodes of a wave out, all drained before the first is touched, and brings each back. */
export async function upgradeWave(
  fleet: Fleet,
  scene: UpgradeScene,
  { charges, down }: Wave,
  { timeoutMs }: RunOptions,
): Promise<Answer<void>[]> {
  const { managers } = scene
  const unlockKey = await keyOf(fleet, scene)
  const taken = await takeOut(fleet, scene, charges)
  try {
    const going = taken.filter(({ record }) => record.state === 'out' && record.availability !== 'drain')
    if (going.length > 0) await drainNodes(fleet, viewOf(scene, going), timeoutMs, down)
  } catch (error) {
    throw await stoppedAt(fleet, taken, managers, 'drain', error)
  }
  return fanOut(taken, charge => new NodeUpgrade(fleet, charge, { managers, unlockKey, timeoutMs }).run(), {
    concurrency: fleet.concurrency,
    signal: fleet.signal,
  })
}

/** Notes in the swarm that nodes go out, and what they are at this moment, before anything is done to them. */
async function takeOut(
  fleet: Fleet,
  { manager, managers }: UpgradeScene,
  charges: readonly Charge[],
): Promise<Charge[]> {
  const note = async (charge: Charge) => {
    const { node, machine, record } = charge
    if (record.state !== 'waiting') return charge
    const boot = await bootOf(fleet.host(machine), fleet.signal)
    const { role, availability } = node
    return keepRecord(fleet, manager.host, charge, { ...record, role, availability, boot, state: 'out' })
  }
  const answers = await fanOut(charges, note, { concurrency: fleet.concurrency, signal: fleet.signal })
  const [failure, ...more] = failedOf(answers)
  if (!failure) return answers.flatMap(answer => (answer.ok ? [answer.value] : []))
  const failed = charges.filter(({ name }) => [failure, ...more].some(({ host }) => host === name))
  throw await stoppedAt(fleet, failed, managers, 'take out', failure.error)
}

/** A manager that is restarted needs it; read while there is one to ask. */
export async function keyOf(fleet: Fleet, { manager }: UpgradeScene): Promise<string | undefined> {
  const { autolock } = await readSettings(manager.host, fleet.signal)
  return autolock ? readUnlockKey(manager.host, fleet.signal) : undefined
}
