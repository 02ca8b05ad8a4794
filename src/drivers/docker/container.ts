import type { ContainerInfo } from 'dockerode'
import { retry } from '../../retry.ts'
import type { Engine } from './engine.ts'
import { EngineError } from './engine-error.ts'
import { clusterLabelFilter, type MachineLabels, readLabels } from './labels.ts'

/** How long a machine may take to stop, in seconds. */
export const STOP_SECONDS = 20

const STOP_DEADLINE_MS = (STOP_SECONDS + 40) * 1000
const REMOVAL_DEADLINE_MS = 60_000

/** A machine and its container. */
export interface LocalMachine {
  readonly container: ContainerInfo
  readonly labels: MachineLabels
}

/** Lists all machines of the cluster, including stopped ones and ones that never started. */
export async function listLocalMachines(engine: Engine, cluster: string): Promise<LocalMachine[]> {
  const containers = await engine.call('listing the machines', (docker, abortSignal) =>
    docker.listContainers({ all: true, filters: clusterLabelFilter(cluster), abortSignal }),
  )
  return containers.flatMap(container => {
    const labels = readLabels(cluster, container.Labels)
    return labels ? [{ container, labels }] : []
  })
}

/** @returns false if it is already running */
export function startContainer(engine: Engine, id: string, name: string): Promise<boolean> {
  return changing(() =>
    engine.call(`starting ${name}`, (docker, abortSignal) => docker.getContainer(id).start({ abortSignal })),
  )
}

/** @returns false if it is already stopped */
export function stopContainer(engine: Engine, id: string, name: string): Promise<boolean> {
  return changing(() =>
    engine.call(
      `stopping ${name}`,
      (docker, abortSignal) => docker.getContainer(id).stop({ t: STOP_SECONDS, abortSignal }),
      { deadlineMs: STOP_DEADLINE_MS },
    ),
  )
}

export function restartContainer(engine: Engine, id: string, name: string): Promise<boolean> {
  return changing(() =>
    engine.call(
      `restarting ${name}`,
      (docker, abortSignal) => docker.getContainer(id).restart({ t: STOP_SECONDS, abortSignal }),
      { deadlineMs: STOP_DEADLINE_MS },
    ),
  )
}

/**
 * Removes a container and its volumes, even if it is running.
 * @returns false if it no longer exists
 */
export async function removeContainer(engine: Engine, id: string, name: string): Promise<boolean> {
  const remove = () =>
    engine.call(`removing ${name}`, (docker, abortSignal) =>
      docker.getContainer(id).remove({ force: true, v: true, abortSignal }),
    )
  try {
    // A conflict means that another removal is in progress, which may still fail.
    await retry(remove, { deadlineMs: REMOVAL_DEADLINE_MS, everyMs: 250, retryable: hasStatus(409) })
    return true
  } catch (error) {
    if (hasStatus(404)(error)) return false
    throw error
  }
}

/** @returns false if the engine reports that nothing changed */
async function changing(call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call()
    return true
  } catch (error) {
    if (hasStatus(304)(error)) return false
    throw error
  }
}

function hasStatus(status: number): (error: unknown) => boolean {
  return error => error instanceof EngineError && error.status === status
}
