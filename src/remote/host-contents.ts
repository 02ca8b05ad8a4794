import type { EngineCommand } from './command.ts'
import { engineRequest } from './engine.ts'
import { EngineObject } from './engine-json.ts'

/** What the swarm puts on the containers of its tasks. */
const TASK_LABEL = 'com.docker.swarm.task.id'
/** The name of a volume that was given none. */
const NAMELESS = /^[0-9a-f]{64}$/

/** Lists the containers of a host, including those that do not run. */
export const containersRequest: EngineCommand = engineRequest('GET', '/containers/json?all=true')

/** A container that no service started. */
export interface PlainContainer {
  readonly name: string
  readonly isRunning: boolean
}

/**
 * Reads the containers that no service started from the answer to `containersRequest`.
 * @throws SyntaxError if it is not the engine's JSON
 */
export function parsePlainContainers(body: string): PlainContainer[] {
  return EngineObject.readList(body)
    .filter(container => !Object.hasOwn(container.labels('Labels'), TASK_LABEL))
    .map(container => ({
      name: container.texts('Names')[0]?.replace(/^\//, '') ?? container.name('Id').slice(0, 12),
      isRunning: ['running', 'restarting', 'paused'].includes(container.text('State')),
    }))
}

/** Lists the volumes of a host. */
export const volumesRequest: EngineCommand = engineRequest('GET', '/volumes')

/**
 * Reads the names of the volumes from the answer to `volumesRequest`, without those that were given none.
 * @throws SyntaxError if it is not the engine's JSON
 */
export function parseVolumes(body: string): string[] {
  return EngineObject.read(body)
    .objects('Volumes')
    .map(volume => volume.name('Name'))
    .filter(name => !NAMELESS.test(name))
}
