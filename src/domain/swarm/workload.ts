/** A node as far as it matters to what may run on it, and to the health of the swarm. */
export interface SwarmNode {
  readonly id: string
  readonly hostname: string
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
}

export interface Platform {
  readonly os: string
  readonly architecture: string
}

/** Processors in billionths, memory in bytes, as the engine counts them. */
export interface Resources {
  readonly nanoCpus: number
  readonly memoryBytes: number
}

/** A service as far as it matters to where its tasks may run. */
export interface Service {
  readonly id: string
  readonly name: string
  readonly mode: 'replicated' | 'global' | 'job'
  /** How many tasks should run; 0 for a global service. */
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
const ALIVE = ['new', 'pending', 'assigned', 'accepted', 'preparing', 'ready', 'starting', 'running']

/** Whether a task still runs, or is about to. */
export function isAlive(task: Task): boolean {
  return ALIVE.includes(task.state)
}

/** The ids of the nodes on which tasks of a service run, one for each task. */
export function runningOn(serviceId: string, { tasks }: Pick<Workload, 'tasks'>): string[] {
  return tasks
    .filter(task => task.serviceId === serviceId && task.state === 'running')
    .map(({ nodeId }) => nodeId)
}
