import { BeltError, precheckError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { RemoteCommandError } from '../hosts/run-checked.ts'
import { readCertificate } from '../queries/certificate.ts'
import { readMembership } from '../queries/membership.ts'
import { forceNewClusterCommand } from '../remote/swarm-state.ts'
import { retry, type WaitOptions } from '../retry.ts'
import { expectLeader } from '../waits/await-leader.ts'
import type { Step } from './step.ts'

/** Longer than the time-out of the command itself. */
const REQUEST_TIMEOUT_MS = 75_000
/** Time for two requests: under load, the engine has been seen to let one expire. */
const FORCE_DEADLINE_MS = 150_000
const POLL_MS = 2000

/**
 * Makes a cluster of one manager from the state that a host has of a swarm that lost its quorum. Does nothing if the host
 * leads already. The caller ensures that no other manager of that swarm can reach a quorum.
 * @param address the address that the host advertised before
 */
export function forceNewCluster(
  host: Host,
  { address, clusterId }: { address: string; clusterId: string },
  options: WaitOptions = {},
): Step {
  const { signal } = options
  return {
    title: `Make a new cluster on ${host.name}`,

    async changes() {
      const membership = await readMembership(host, signal)
      const own = membership.clusterId ?? (await readCertificate(host, signal)).clusterId
      if (own !== clusterId) {
        throw precheckError(
          'other-swarm',
          `${host.name} holds the state of another swarm: ${own}, not ${clusterId}`,
          {
            host: host.name,
            hint: 'belt swarm status shows the swarm of each host',
          },
        )
      }
      if (membership.isManager && !membership.error) return []
      return [`${host.name} becomes the only manager of the swarm ${clusterId}`]
    },

    run: () =>
      retry(() => force(host, address, signal), {
        ...options,
        deadlineMs: FORCE_DEADLINE_MS,
        everyMs: POLL_MS,
      }),
  }
}

async function force(host: Host, address: string, signal?: AbortSignal): Promise<void> {
  const { isManager, error } = await readMembership(host, signal)
  if (!isManager || error) {
    const request = forceNewClusterCommand(address)
    const result = await host.run(request, { timeoutMs: REQUEST_TIMEOUT_MS, signal })
    // An engine that did not answer in time may still have done it.
    if (result.code !== 0 && !(await leads(host, signal)))
      throw notForced(host, new RemoteCommandError(host.name, request, result))
  }
  await expectLeader(host, signal)
}

async function leads(host: Host, signal?: AbortSignal): Promise<boolean> {
  return expectLeader(host, signal).then(
    () => true,
    () => false,
  )
}

function notForced(host: Host, { result, cause }: RemoteCommandError): BeltError {
  const reason = result.code === 124 ? 'its engine did not answer in time' : result.stderr.trim()
  return new BeltError('not-forced', `${host.name} did not form a new cluster: ${reason}`, {
    host: host.name,
    hint: `it is safe to run this again; belt exec ${host.name} -- journalctl -u docker -n 50 shows why`,
    cause,
  })
}
