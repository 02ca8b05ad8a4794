import { type Inventory, inventoryWithout } from '../../domain/inventory.ts'
import { BeltError, ExitCode } from '../../errors.ts'
import { readInventory } from '../../queries/inventory.ts'
import { retry } from '../../retry.ts'
import { assignAddress } from '../../steps/assign-address.ts'
import { forceNewCluster } from '../../steps/force-new-cluster.ts'
import { perform } from '../../steps/step.ts'
import { awaitMembership } from '../../waits/await-engine.ts'
import type { Fleet } from '../fleet.ts'
import type { OpenBackup } from './file.ts'
import { assertPlanUnchanged, type RestorePlan } from './restore-plan.ts'
import { restoreState, settleState } from './restore-state.ts'

/** A new leader lists the contents of the swarm only after it has read all of them. */
const CONTENTS_TIMEOUT_MS = 30_000
const CONTENTS_POLL_MS = 1000

export interface Restored {
  readonly node: string
  readonly clusterId: string
  readonly address: string
  /** False if the machine managed this swarm already. */
  readonly changed: boolean
  /** The contents of the swarm; undefined if they could not be read. */
  readonly contents: Inventory | undefined
  /** The folder on the host with the previous swarm state of its engine; undefined if there was none. */
  readonly aside: string | undefined
  /** Why the restored swarm may differ from the manifest; undefined if it does not. */
  readonly contentsError?: BeltError | undefined
}

/**
 * Creates a swarm of one manager from a backup, makes the machine the active host, and compares the contents of the
 * swarm with the manifest. Repeats the checks of the plan first. Safe to run again after any interruption.
 * @param contentsTimeoutMs how long a new swarm may take to list its contents
 * @throws if the swarm does not run; the error names the folder of the previous state, if it was moved
 */
export async function restore(
  fleet: Fleet,
  plan: RestorePlan,
  backup: OpenBackup,
  contentsTimeoutMs = CONTENTS_TIMEOUT_MS,
): Promise<Restored> {
  const { machine, manifest, done } = plan
  await assertPlanUnchanged(fleet, plan)
  const aside = await (done ? settleState(fleet.host(machine), fleet.signal) : bringUp(fleet, plan, backup))
  await fleet.activeHost.set(machine.name)
  const { contents, error } = await compare(fleet, plan, done ? 0 : contentsTimeoutMs)
  return {
    node: machine.name,
    clusterId: manifest.clusterId,
    address: manifest.node.address,
    changed: !done,
    contents,
    aside,
    contentsError: error && withAside(error, aside),
  }
}

/** @returns the folder of the previous state */
async function bringUp(fleet: Fleet, plan: RestorePlan, backup: OpenBackup): Promise<string | undefined> {
  const { machine, manifest } = plan
  const host = fleet.host(machine)
  const { address } = manifest.node
  const task = fleet.progress.start(`Restoring the swarm on ${machine.name}`)
  let aside: string | undefined
  try {
    if (plan.alias) await perform(assignAddress(host, address, fleet.signal))
    task.update('copying the state')
    const state = { archive: backup.archive, sha256: backup.manifest.archive.sha256 }
    aside = await restoreState(host, state, fleet.signal)
    if (aside !== undefined) fleet.progress.note(`${machine.name}: ${keptIn(aside)}`)
    await awaitMembership(host, fleet)
    task.update('creating a cluster from it')
    await perform(forceNewCluster(host, { address, clusterId: manifest.clusterId }, fleet))
    await settleState(host, fleet.signal)
    task.done()
    return aside
  } catch (error) {
    task.fail('the swarm does not run yet')
    throw error instanceof BeltError ? withAside(error, aside) : error
  }
}

function keptIn(aside: string): string {
  return `the previous swarm state of its engine is kept in ${aside}`
}

function withAside(error: BeltError, aside: string | undefined): BeltError {
  if (aside === undefined) return error
  const { code, message, hint, exitCode, host, details } = error
  return new BeltError(code, message, {
    hint: hint ? `${hint}; ${keptIn(aside)}` : keptIn(aside),
    exitCode,
    ...(host && { host }),
    details: { ...details, aside },
    cause: error,
  })
}

interface Comparison {
  readonly contents: Inventory | undefined
  readonly error?: BeltError
}

/** A swarm with missing contents still runs, and its user needs to know what to do next. */
async function compare(
  fleet: Fleet,
  { machine, manifest, done }: RestorePlan,
  deadlineMs: number,
): Promise<Comparison> {
  const host = fleet.host(machine)
  let contents: Inventory | undefined
  const look = async () => {
    contents = await readInventory(host, fleet.signal)
    const missing = inventoryWithout(manifest.contents, contents)
    if (missing.length > 0) throw otherContents(host.name, missing, done)
    const more = inventoryWithout(contents, manifest.contents)
    if (more.length > 0)
      fleet.progress.note(`${host.name} also has contents that are not in the backup: ${more.join('; ')}`)
  }
  try {
    await retry(look, { deadlineMs, everyMs: CONTENTS_POLL_MS, signal: fleet.signal, clock: fleet.clock })
    return { contents }
  } catch (error) {
    fleet.signal.throwIfAborted()
    if (!(error instanceof BeltError)) throw error
    return { contents, error }
  }
}

function otherContents(name: string, missing: readonly string[], hadRun: boolean): BeltError {
  return new BeltError(
    'other-contents',
    `the swarm on ${name} lacks contents of the backup: ${missing.join('; ')}`,
    {
      host: name,
      exitCode: hadRun ? ExitCode.precheck : ExitCode.failed,
      hint: hadRun
        ? `it was running already, and nothing was changed; to return to the backup: belt swarm leave ${name} --force, then restore again`
        : 'the swarm runs without them; another backup may contain them',
      details: { missing },
    },
  )
}
