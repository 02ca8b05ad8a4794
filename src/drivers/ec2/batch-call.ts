import type { Ec2 } from './ec2.ts'
import { Ec2Error, isRefusal } from './ec2-error.ts'
import { MAX_IDS } from './limiter.ts'

type PowerAction = 'StartInstances' | 'StopInstances' | 'RebootInstances' | 'TerminateInstances'

/** How long to trust a listed id even though EC2 reports it as not found. */
const TRUSTED_MS = 30_000
const LOOK_AGAIN_MS = 2_000

export interface BatchCall {
  readonly ec2: Ec2
  readonly what: string
  readonly signal?: AbortSignal | undefined
}

/**
 * Runs an action on all instances in as few calls as possible. If one id is invalid, EC2 refuses the whole call and names
 * that id. The call is then repeated for the others.
 * @returns the error for each id that failed
 */
export async function forInstances(
  action: PowerAction,
  ids: readonly string[],
  call: BatchCall,
): Promise<Map<string, Error>> {
  const failures = new Map<string, Error>()
  for (let i = 0; i < ids.length; i += MAX_IDS)
    await runBatch(action, ids.slice(i, i + MAX_IDS), call, failures)
  return failures
}

async function runBatch(
  action: PowerAction,
  ids: readonly string[],
  { ec2, what, signal }: BatchCall,
  failures: Map<string, Error>,
): Promise<void> {
  const start = ec2.clock.now()
  let open = [...ids]
  let unknown: string[] = []
  while (open.length > 0) {
    try {
      await ec2.call(action, { InstanceIds: open }, { what, signal, instances: open.length })
      open = []
    } catch (error) {
      const refusal = asFailure(error, signal)
      const named = open.filter(id => refusal.message.includes(id))
      const isUnknown = isRefusal(refusal, /^InvalidInstanceID\.NotFound$/)
      if (isUnknown) unknown = [...unknown, ...named]
      for (const id of named.length > 0 ? named : open) failures.set(id, refusal)
      open = named.length > 0 ? open.filter(id => !named.includes(id)) : []
    }
    if (open.length > 0 || unknown.length === 0) continue
    if (ec2.clock.now() - start > TRUSTED_MS || signal?.aborted) return
    await ec2.clock.sleep(LOOK_AGAIN_MS, signal).catch(() => {})
    for (const id of unknown) failures.delete(id)
    open = unknown
    unknown = []
  }
}

function asFailure(error: unknown, signal: AbortSignal | undefined): Error {
  if (error instanceof Ec2Error || signal?.aborted) return error as Error
  throw error
}
