import type { Node } from '../../src/remote/nodes.ts'
import type { Reply } from './fake-host.ts'
import { answer } from './fake-services.ts'

export const NO_ENGINE = {
  code: 1,
  stderr: 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock.\n',
}
export const NO_SOCKET = {
  code: 1,
  stderr:
    'failed to open the raw stream connection: dial unix /var/run/docker.sock: connect: no such file or directory\n',
}
export const NO_LEADER = "The swarm does not have a leader. It's possible that too few managers are online."
export const NOT_A_MANAGER = { message: 'This node is not a swarm manager.' }

export function refused(message: string): Reply {
  return { code: 1, stderr: `Error response from daemon: ${message}\n` }
}

/** A node as the engine's API tells of it. */
export function printed(node: Node): object {
  const { role, availability, labels, state, address, isLeader, reachability } = node
  return {
    ID: node.id,
    UpdatedAt: node.updatedAt?.toISOString(),
    Spec: { Role: role, Availability: availability, Labels: labels },
    Description: {
      Hostname: node.hostname,
      Platform: { OS: node.platform.os, Architecture: node.platform.architecture },
      Resources: { NanoCPUs: node.resources.nanoCpus, MemoryBytes: node.resources.memoryBytes },
      Engine: {
        EngineVersion: node.engineVersion,
        Labels: node.engineLabels,
        Plugins: node.plugins?.map(({ type, name }) => ({ Type: type, Name: name })),
      },
    },
    Status: { State: state, Addr: address },
    ...(reachability && { ManagerStatus: { Leader: isLeader, Reachability: reachability } }),
  }
}

export function hostFacts(liveRestore: boolean): string {
  return `clock ${Date.now()}\nboot boot-1\nlive-restore ${liveRestore}\nfree 2048000\n`
}

/** A node as `docker node ls` prints it in Belt's short format. */
export function printedState({ id, state, isLeader, reachability }: Node): string {
  return `${id} ${state} ${isLeader ? 'Leader' : (reachability ?? '')}`
}

/** Whether a host is asked how it stands to swarms. */
export function isMembershipRead(input: string | Buffer): boolean {
  return input.toString().startsWith('GET /info ')
}

/** The answer to that. */
export function membership(swarm: object): Reply {
  return answer(200, { Swarm: swarm })
}
