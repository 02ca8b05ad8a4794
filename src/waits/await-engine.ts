import type { Host } from '../hosts/host.ts'
import { readEngineVersion } from '../queries/engine-version.ts'
import { readMembership } from '../queries/membership.ts'
import type { Membership } from '../remote/swarm.ts'
import { retry, type WaitOptions } from '../retry.ts'

const START_TIMEOUT_MS = 60_000
const POLLING = { deadlineMs: START_TIMEOUT_MS, everyMs: 500 }

/** Waits until an engine that was started reports its membership. */
export function awaitMembership(host: Host, options: WaitOptions = {}): Promise<Membership> {
  return retry(() => readMembership(host, options.signal), { ...options, ...POLLING })
}

/** Waits until an engine that was restarted reports its version. The restart may return before the engine is up. */
export function awaitEngineVersion(host: Host, options: WaitOptions = {}): Promise<string> {
  return retry(() => readEngineVersion(host, options.signal), { ...options, ...POLLING })
}
