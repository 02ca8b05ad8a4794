import { BeltError, precheckError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { RemoteCommandError } from '../hosts/run-checked.ts'
import { readCertificate } from '../queries/certificate.ts'
import { readMembership } from '../queries/membership.ts'
import { forceNewClusterCommand } from '../remote/swarm-state.ts'
import { retry } from '../retry.ts'
import { expectLeader } from './init-swarm.ts'
import type { Step } from './step.ts'

/** More than the command gives itself. */
const REQUEST_TIMEOUT_MS = 75_000
/** For a request that the engine lets lapse, which it has been seen to do under load, and another. */
const FORCE_DEADLINE_MS = 150_000
const POLL_MS = 2000

/**
 * Makes a swarm of one manager out of what a host has of a swarm that lost its quorum; nothing to do where it leads
 * already. Whoever calls this has made sure that no other manager of that swarm can decide anything.
 * @param address that the host advertised before
 */
export function forceNewCluster(
  host: Host,
  { address, clusterId }: { address: string; clusterId: string },
  signal?: AbortSignal,
): Step {
  return {
    title: `Make a new cluster on ${host.name}`,

    async changes() {
      const membership = await readMembership(host, signal)
      const own = membership.clusterId ?? (await readCertificate(host, signal)).clusterId
      if (own !== clusterId) {
        throw precheckError(
          'other-swarm',
          `${host.name} has the state of another swarm: ${own}, not ${clusterId}`,
          {
            host: host.name,
            hint: 'belt swarm status shows which host is in which swarm',
          },
        )
      }
      if (membership.isManager && !membership.error) return []
      return [`${host.name} becomes the only manager of the swarm ${clusterId}`]
    },

    run: () =>
      retry(() => force(host, address, signal), { deadlineMs: FORCE_DEADLINE_MS, everyMs: POLL_MS, signal }),
  }
}

async function force(host: Host, address: string, signal?: AbortSignal): Promise<void> {
  const { isManager, error } = await readMembership(host, signal)
  if (!isManager || error) {
    const request = forceNewClusterCommand(address)
    const result = await host.run(request, { timeoutMs: REQUEST_TIMEOUT_MS, signal })
    // An engine that gave no answer in time may have done it.
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
  return new BeltError('not-forced', `${host.name} did not become a cluster of its own: ${reason}`, {
    host: host.name,
    hint: `nothing is lost by running it again; belt exec ${host.name} -- journalctl -u docker -n 50 shows why`,
    cause,
  })
}
