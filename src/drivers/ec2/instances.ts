import type { Instance, InstanceStateName } from '@aws-sdk/client-ec2'
import { BeltError, reasonOf } from '../../errors.ts'
import type { Ec2 } from './ec2.ts'
import { clusterTagFilter } from './tags.ts'

const PAGE = 1000
const POLL_MS = 3_000
/** How long instances may take to start, stop or terminate. */
const STATE_DEADLINE_MS = 600_000

/**
 * All instances of the cluster in a region. Includes terminated ones, which EC2 lists for up to an hour.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/terminating-instances.html
 */
export async function listInstances(ec2: Ec2, cluster: string, signal?: AbortSignal): Promise<Instance[]> {
  const found = new Map<string, Instance>()
  let NextToken: string | undefined
  do {
    const page = await ec2.call(
      'DescribeInstances',
      {
        Filters: [clusterTagFilter(cluster)],
        MaxResults: PAGE,
        ...(NextToken !== undefined && { NextToken }),
      },
      { what: 'listing the instances', signal },
    )
    for (const instance of page.Reservations?.flatMap(({ Instances = [] }) => Instances) ?? [])
      if (instance.InstanceId !== undefined) found.set(instance.InstanceId, instance)
    NextToken = page.NextToken || undefined
  } while (NextToken !== undefined)
  return [...found.values()]
}

export function stateOf(instance: Instance): InstanceStateName | undefined {
  return instance.State?.Name
}

/** Whether it has terminated or is about to, and no longer counts as a machine. */
export function hasEnded(instance: Instance): boolean {
  return stateOf(instance) === 'terminated' || stateOf(instance) === 'shutting-down'
}

export function isStarting(instance: Instance): boolean {
  return stateOf(instance) === 'pending'
}

export interface Waiting {
  readonly ec2: Ec2
  readonly cluster: string
  readonly signal?: AbortSignal | undefined
  /** Called once for each instance that reaches the state. */
  readonly onReached?: (instance: Instance) => void
}

/** The instance as last seen, and why it did not reach the state. */
export interface StateResult {
  readonly instance?: Instance
  readonly error?: Error
}

/**
 * Polls the cluster's instances until each has reached a state or has terminated.
 * @returns the outcome for each id; failures and timeouts are returned, never thrown
 */
export async function awaitState(
  ids: readonly string[],
  state: InstanceStateName,
  { ec2, cluster, signal, onReached }: Waiting,
): Promise<Map<string, StateResult>> {
  const { clock } = ec2
  const start = clock.now()
  const results = new Map<string, StateResult>(ids.map(id => [id, {}]))
  const open = new Set(ids)
  const giveUp = (reason: (id: string) => Error) => {
    for (const id of open) results.set(id, { ...results.get(id), error: reason(id) })
    return results
  }
  try {
    while (open.size > 0) {
      const seen = new Map((await listInstances(ec2, cluster, signal)).map(each => [each.InstanceId, each]))
      for (const id of open) {
        const instance = seen.get(id)
        // A missing instance may not be listed yet.
        if (!instance) continue
        const reached = stateOf(instance) === state
        const ended = !reached && state !== 'terminated' && hasEnded(instance)
        results.set(id, { instance, ...(ended && { error: terminationError(instance) }) })
        if (reached) onReached?.(instance)
        if (reached || ended) open.delete(id)
      }
      if (open.size === 0) break
      if (clock.now() - start > STATE_DEADLINE_MS)
        return giveUp(id => notReached(id, state, results.get(id)?.instance))
      await clock.sleep(POLL_MS, signal)
    }
    return results
  } catch (error) {
    return giveUp(() => (signal?.aborted ? signal.reason : asError(error)))
  }
}

function terminationError(instance: Instance): BeltError {
  const reason = instance.StateReason?.Message ?? instance.StateTransitionReason ?? 'no reason given by EC2'
  return new BeltError('instance-ended', `instance ${instance.InstanceId} terminated: ${reason}`, {
    hint: 'possible causes are an account limit, a full zone or a broken image: try another size, zone or image',
  })
}

function notReached(id: string, state: string, last: Instance | undefined): BeltError {
  const seconds = STATE_DEADLINE_MS / 1000
  const now = last ? `it is ${stateOf(last)}` : 'EC2 does not list it'
  return new BeltError('instance-late', `instance ${id} is not ${state} after ${seconds} s: ${now}`, {
    hint: 'run belt ls to list the machines, or run the same command again',
  })
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(reasonOf(error))
}
