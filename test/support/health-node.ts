import type { SwarmNode } from '../../src/domain/swarm/workload.ts'

/** A worker that is well and takes tasks. */
export function healthNode(hostname: string, change: Partial<SwarmNode> = {}): SwarmNode {
  return {
    id: `id-${hostname}`,
    hostname,
    ip: '',
    role: 'worker',
    availability: 'active',
    state: 'ready',
    isLeader: false,
    reachability: undefined,
    labels: {},
    engineLabels: {},
    platform: { os: 'linux', architecture: 'x86_64' },
    resources: { nanoCpus: 2e9, memoryBytes: 2 ** 30, generic: {} },
    plugins: [],
    ...change,
  }
}
