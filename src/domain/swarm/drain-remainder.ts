import { isAlive, type Service, type Task } from './workload.ts'

/** What is left of a drain. */
export interface DrainRemainder {
  /** How many tasks still run, by node. */
  readonly tasks: ReadonlyMap<string, number>
  /** Services that run fewer tasks than before, and why. */
  readonly short: readonly {
    readonly service: Service
    readonly missing: number
    readonly reason: string | undefined
  }[]
}

/**
 * What is left of a drain. A drain is done when no task is left on the nodes, and each replicated service runs as many
 * tasks elsewhere as it ran before. The swarm itself calls a drain done as soon as it has asked the tasks to stop.
 * @param before the tasks when the drain began
 * @param now the tasks of these nodes, and all those of the services that had tasks there
 */
export function remainderOf(
  going: readonly string[],
  services: readonly Service[],
  before: readonly Task[],
  now: readonly Task[],
): DrainRemainder {
  const tasks = new Map<string, number>()
  for (const task of now.filter(candidate => going.includes(candidate.nodeId) && isAlive(candidate))) {
    tasks.set(task.nodeId, (tasks.get(task.nodeId) ?? 0) + 1)
  }
  const short = services.flatMap(service => {
    const own = now.filter(task => task.serviceId === service.id)
    const missing = wantedOf(service, before) - own.filter(task => runsElsewhere(task, going)).length
    if (service.mode !== 'replicated' || missing <= 0) return []
    const reason = own.find(task => task.state === 'pending' && task.error)?.error
    return [{ service, missing, reason }]
  })
  return { tasks, short }
}

function wantedOf(service: Service, before: readonly Task[]): number {
  const ran = before.filter(task => task.serviceId === service.id && task.state === 'running').length
  return Math.min(ran, service.replicas)
}

function runsElsewhere(task: Task, going: readonly string[]): boolean {
  return task.state === 'running' && !going.includes(task.nodeId)
}

/** Whether nothing is left. */
export function isDrained({ tasks, short }: DrainRemainder): boolean {
  return tasks.size === 0 && short.length === 0
}

/** What is left, as the operator reads it. */
export function remainderText({ tasks, short }: DrainRemainder): string {
  const running = [...tasks.values()].reduce((sum, count) => sum + count, 0)
  return [
    ...(running > 0 ? [`${running} ${running === 1 ? 'task still runs' : 'tasks still run'} there`] : []),
    ...short.map(
      ({ service, missing, reason }) =>
        `${service.name} lacks ${missing} of ${service.replicas} tasks elsewhere${reason ? ` (${reason})` : ''}`,
    ),
  ].join('; ')
}
