const CLUSTER = 'belt.cluster'
const MACHINE = 'belt.machine'
const REGION = 'belt.region'
const MEMORY = 'belt.memory'

/** The facts about a machine that its container's labels hold. */
export interface MachineLabels {
  readonly name: string
  readonly region: string
  readonly memoryMiB: number
}

export function clusterLabel(cluster: string): Record<string, string> {
  return { [CLUSTER]: cluster }
}

export function machineLabels(cluster: string, { name, region, memoryMiB }: MachineLabels) {
  return { ...clusterLabel(cluster), [MACHINE]: name, [REGION]: region, [MEMORY]: String(memoryMiB) }
}

/** The engine's filter for resources of a cluster. */
export function clusterLabelFilter(cluster: string): { label: string[] } {
  return { label: [`${CLUSTER}=${cluster}`] }
}

/** @returns undefined if the labels do not belong to a machine of this cluster */
export function readLabels(cluster: string, labels: Record<string, string>): MachineLabels | undefined {
  const { [CLUSTER]: owner, [MACHINE]: name, [REGION]: region = '', [MEMORY]: memory } = labels
  if (owner !== cluster || name === undefined) return undefined
  return { name, region, memoryMiB: Number(memory) }
}
