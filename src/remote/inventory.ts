import type { Inventory } from '../domain/inventory.ts'
import type { ProcessCommand } from './command.ts'
import { EngineObject } from './engine-json.ts'
import { LOCK_NAME } from './lock.ts'

const LISTS: readonly (readonly [kind: keyof Inventory, list: string])[] = [
  ['services', 'docker service ls'],
  ['secrets', 'docker secret ls'],
  ['configs', 'docker config ls'],
  ['networks', 'docker network ls --filter scope=swarm'],
  ['nodes', 'docker node ls'],
]

/** Lists the contents of a swarm by name, one JSON object per line. Works on managers of a swarm that has a leader. */
export const inventoryCommand: ProcessCommand = {
  shell: LISTS.map(
    ([kind, list]) =>
      `${list} --format '{"kind":"${kind}","name":{{json .${kind === 'nodes' ? 'Hostname' : 'Name'}}}}'`,
  ).join(' && '),
  needs: 'engine',
  journaled: false,
}

/**
 * Parses the output of `inventoryCommand`. Leaves out Belt's own lock.
 * @throws SyntaxError if it is not the engine's JSON
 */
export function parseInventory(stdout: string): Inventory {
  const lines = stdout
    .split('\n')
    .filter(line => line.trim() !== '')
    .map(line => EngineObject.read(line))
    .map(line => ({ kind: line.text('kind'), name: line.text('name') }))
  const namesOf = (kind: keyof Inventory) =>
    lines
      .filter(line => line.kind === kind && !(kind === 'configs' && line.name === LOCK_NAME))
      .map(({ name }) => name)
      .sort()
  return {
    services: namesOf('services'),
    secrets: namesOf('secrets'),
    configs: namesOf('configs'),
    networks: namesOf('networks'),
    nodes: namesOf('nodes'),
  }
}
