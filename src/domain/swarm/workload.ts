/** A node as far as it matters to what may run on it, and to the health of the swarm. */
export interface SwarmNode {
  readonly id: string
  readonly hostname: string
  /** The address from which it reaches the managers; empty while they do not know it. Constraints on `node.ip` mean it. */
  readonly ip: string
  readonly role: 'manager' | 'worker'
  readonly availability: 'active' | 'pause' | 'drain'
  readonly state: string
  readonly isLeader: boolean
  /** Of members of the Raft group only. */
  readonly reachability: string | undefined
  readonly labels: Readonly<Record<string, string>>
  readonly engineLabels: Readonly<Record<string, string>>
  readonly platform: Platform
  readonly resources: Resources
  /** What its engine has built in or installed; undefined if it has not reported any. */
  readonly plugins: readonly Plugin[] | undefined
}

/** Something that only some engines can do, such as the driver of a volume. */
export interface Plugin {
  readonly type: 'Volume' | 'Network' | 'Log'
  readonly name: string
}

export interface Platform {
  readonly os: string
  readonly architecture: string
}

/** Processors in billionths, memory in bytes, as the engine counts them. */
export interface Resources {
  readonly nanoCpus: number
  readonly memoryBytes: number
  /** How many of each kind of generic resource, such as GPUs. */
  readonly generic: Readonly<Record<string, number>>
}

/** A service as far as it matters to where its tasks may run. */
export interface Service {
  readonly id: string
  readonly name: string
  /** `unknown`: of a kind that Belt does not know. */
  readonly mode: 'replicated' | 'global' | 'job' | 'unknown'
  /** How many tasks should run; 0 if the service is not replicated. */
  readonly replicas: number
  readonly constraints: readonly string[]
  readonly platforms: readonly Platform[]
  /** Published in host mode, such as `8080/tcp`: no two tasks on one node can have the same. */
  readonly hostPorts: readonly string[]
  readonly reservation: Resources
  /** 0: as many as there is room for. */
  readonly maxPerNode: number
  /** How long a task may take to stop. */
  readonly stopGraceMs: number
  /** What its tasks need of an engine. */
  readonly plugins: readonly Plugin[]
  /** The ids of the networks that it is attached to. */
  readonly networks: readonly string[]
  /** What limits where its tasks may run, and Belt cannot judge, in words. */
  readonly unjudged: readonly string[]
}

export interface Task {
  readonly id: string
  readonly serviceId: string
  /** Empty while none is chosen. */
  readonly nodeId: string
  readonly state: string
  readonly desiredState: string
  /** Why it is where it is, such as `no suitable node (…)`. */
  readonly error: string | undefined
}

/** The nodes of a swarm, and what runs on them, at one moment. */
export interface Workload {
  readonly nodes: readonly SwarmNode[]
  readonly services: readonly Service[]
  readonly tasks: readonly Task[]
}

/** The states in which a task has a container, or is about to. */
const ALIVE = new Set(['new', 'pending', 'assigned', 'accepted', 'preparing', 'ready', 'starting', 'running'])

/** Whether a task still runs, or is about to. */
export function isAlive(task: Task): boolean {
  return ALIVE.has(task.state)
}

/** The ids of the nodes on which tasks of each service run, one for each task, by the service's id. */
export function placesOf(tasks: readonly Task[]): ReadonlyMap<string, readonly string[]> {
  const places = new Map<string, string[]>()
  for (const { serviceId, nodeId, state } of tasks) {
    if (state !== 'running') continue
    const known = places.get(serviceId)
    if (known) known.push(nodeId)
    else places.set(serviceId, [nodeId])
  }
  return places
}
