import { compareProgress } from '../../domain/raft-progress.ts'
import type { Machine } from '../../drivers/driver.ts'
import { BeltError, precheckError, usageError } from '../../errors.ts'
import { readNodes } from '../../queries/nodes.ts'
import type { Node } from '../../remote/nodes.ts'
import type { Fleet } from '../fleet.ts'
import { findManager, type Manager } from '../swarm/find-manager.ts'
import { leftovers } from './leftovers.ts'
import type { MissingManager } from './missing.ts'
import { type Survivor, survey } from './survey.ts'

/** A swarm that has lost its quorum, and how to recover it. Nothing has been changed yet. */
export interface ForcePlan {
  readonly kind: 'force'
  readonly clusterId: string
  /** The manager that the new cluster is created from. */
  readonly chosen: Survivor
  /** All that answer, the one with the most decisions first. */
  readonly survivors: readonly Survivor[]
  readonly lost: readonly MissingManager[]
}

/** A swarm that works again, while some of its former managers are neither back nor removed. */
export interface FinishPlan {
  readonly kind: 'finish'
  readonly manager: Manager
  readonly leftovers: readonly Node[]
}

export interface RecoveryRequest {
  /** The manager to create the new cluster from (default: the one with the most decisions). */
  readonly name: string | undefined
  readonly assumeLost: readonly string[]
}

/**
 * Plans the recovery of a swarm.
 * @throws a precheck error when its quorum is there, or a manager may still live that cannot be read
 */
export async function planRecovery(fleet: Fleet, request: RecoveryRequest): Promise<ForcePlan | FinishPlan> {
  const manager = await workingManager(fleet, await listAgain(fleet))
  if (manager) return planFinish(fleet, manager)
  const { survivors, missing } = await survey(fleet, await listAgain(fleet), request.assumeLost)
  assertNoDoubt(missing)
  const ordered = survivors.toSorted((a, b) => compareProgress(b.progress, a.progress))
  const chosen = request.name === undefined ? ordered[0] : ordered.find(({ name }) => name === request.name)
  if (!chosen) {
    throw usageError('no-such-manager', `${request.name} is not a manager that answers`, {
      hint: `these answer: ${ordered.map(({ name }) => name).join(', ')}`,
    })
  }
  return { kind: 'force', clusterId: chosen.clusterId, chosen, survivors: ordered, lost: missing }
}

/**
 * Lists the machines again: a manager counts as lost if its machine is off, and the user or an election may have taken a
 * while since the last list.
 */
function listAgain(fleet: Fleet): Promise<readonly Machine[]> {
  fleet.machines.forget()
  return fleet.machines.list(fleet.signal)
}

/** @returns undefined when the quorum is lost */
async function workingManager(fleet: Fleet, machines: readonly Machine[]): Promise<Manager | undefined> {
  try {
    return await findManager(fleet, machines)
  } catch (error) {
    if (!(error instanceof BeltError)) throw error
    if (error.code === 'quorum-lost') return undefined
    if (error.code === 'no-leader') {
      throw precheckError('quorum-there', `${error.message}: its quorum is not lost`, {
        hint: 'the managers do not reach each other: check port 2377 between them, and that each has its old address',
        cause: error,
      })
    }
    if (error.code !== 'no-manager') throw error
    throw precheckError(error.code, error.message, {
      hint: 'if a manager is locked: belt --host NAME docker swarm unlock; if none is left: belt swarm restore FILE NODE',
      cause: error,
    })
  }
}

async function planFinish(fleet: Fleet, manager: Manager): Promise<FinishPlan> {
  const left = leftovers(await readNodes(manager.host, fleet.signal))
  if (left.length > 0) return { kind: 'finish', manager, leftovers: left }
  throw precheckError(
    'quorum-there',
    `the quorum of ${fleet.cluster} is not lost: ${manager.machine.name} takes decisions`,
    {
      hint: 'belt swarm status shows its state; belt swarm remove --unreachable removes single nodes',
    },
  )
}

function assertNoDoubt(missing: readonly MissingManager[]): void {
  const doubtful = missing.filter(({ lost }) => !lost)
  if (doubtful.length === 0) return
  const reasons = doubtful.map(({ name, why }) => `${name}: ${why}`).join('; ')
  throw precheckError('unknown-managers', `managers that cannot be read may still be alive (${reasons})`, {
    hint: `start them if you can; if you know that they are lost for good: --assume-lost ${doubtful.map(({ name }) => name).join(',')}`,
    details: { unknown: doubtful.map(({ name }) => name) },
  })
}
