import { isAlive, placesOf, type Service, type Task } from './workload.ts'

/** What a drain was about. */
export interface DrainScope {
  /** The ids of the drained nodes. */
  readonly nodeIds: readonly string[]
  /** The tasks when it began. */
  readonly tasks: readonly Task[]
  /** The names of services that may be down meanwhile, and of jobs that may be interrupted: neither is waited for. */
  readonly down: readonly string[]
}

/** What is left of a drain. */
export interface DrainRemainder {
  /** How many tasks still run, by node. */
  readonly tasks: ReadonlyMap<string, number>
  /** How many tasks of each service still run there; undefined stands for services that were removed. */
  readonly running: ReadonlyMap<Service | undefined, number>
  /** Services that run fewer tasks than before, and why. */
  readonly short: readonly {
    readonly service: Service
    readonly missing: number
    readonly reason: string | undefined
  }[]
}

/**
 * What is left of a drain. A drain is done when no task is left on the nodes, and each replicated service runs as many
 * tasks elsewhere as it ran before. The swarm itself calls a drain done as soon as it has asked the tasks to stop, and never
 * asks those of jobs.
 * @param services those that had tasks there and still exist
 * @param now the tasks of these nodes, and all those of the services
 */
export function remainderOf(
  { nodeIds, tasks: before, down }: DrainScope,
  services: readonly Service[],
  now: readonly Task[],
): DrainRemainder {
  const going = new Set(nodeIds)
  const byId = new Map(services.map(service => [service.id, service]))
  const tasks = new Map<string, number>()
  const running = new Map<Service | undefined, number>()
  for (const { nodeId, serviceId } of now.filter(task => going.has(task.nodeId) && isAlive(task))) {
    const service = byId.get(serviceId)
    if (service?.mode === 'job' && down.includes(service.name)) continue
    tasks.set(nodeId, (tasks.get(nodeId) ?? 0) + 1)
    running.set(service, (running.get(service) ?? 0) + 1)
  }
  const ran = placesOf(before)
  const runs = placesOf(now)
  const reasons = new Map(
    now.flatMap(({ serviceId, state, error }) =>
      state === 'pending' && error ? [[serviceId, error] as const] : [],
    ),
  )
  const short = services.flatMap(service => {
    const wanted = Math.min(ran.get(service.id)?.length ?? 0, service.replicas)
    const elsewhere = (runs.get(service.id) ?? []).filter(id => !going.has(id)).length
    if (service.mode !== 'replicated' || down.includes(service.name) || elsewhere >= wanted) return []
    return [{ service, missing: wanted - elsewhere, reason: reasons.get(service.id) }]
  })
  return { tasks, running, short }
}

/** Whether nothing is left. */
export function isDrained({ tasks, short }: DrainRemainder): boolean {
  return tasks.size === 0 && short.length === 0
}

/** The names of the jobs whose tasks are left: only their end, or their removal, ends the drain. */
export function jobsIn({ running }: DrainRemainder): string[] {
  return [...running.keys()].flatMap(service => (service?.mode === 'job' ? [service.name] : []))
}

/** What is left, as the operator reads it. */
export function remainderText({ running, short }: DrainRemainder): string {
  return [
    ...[...running].map(([service, count]) => {
      const what = `${count} ${count === 1 ? 'task' : 'tasks'} of ${service?.name ?? 'removed services'}`
      const why = service?.mode === 'job' ? ' (a job, which a drain does not stop)' : ''
      return `${what} still ${count === 1 ? 'runs' : 'run'} there${why}`
    }),
    ...short.map(
      ({ service, missing, reason }) =>
        `${service.name} lacks ${missing} of ${service.replicas} tasks elsewhere${reason ? ` (${reason})` : ''}`,
    ),
  ].join('; ')
}
