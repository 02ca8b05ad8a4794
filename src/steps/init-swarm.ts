import { precheckError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { membershipText, readMembership } from '../queries/membership.ts'
import { Change } from '../record.ts'
import { initCommand, type SwarmInitOptions } from '../remote/swarm.ts'
import type { WaitOptions } from '../retry.ts'
import { awaitLeader } from '../waits/await-leader.ts'
import type { Step } from './step.ts'

const INIT_TIMEOUT_MS = 45_000

/** Makes a host the first manager of a new swarm. Does nothing if the host is a manager already. */
export function initSwarm(host: Host, options: SwarmInitOptions, wait: WaitOptions = {}): Step {
  const { signal } = wait
  return {
    title: `Initialise a swarm on ${host.name}`,

    async changes() {
      const membership = await readMembership(host, signal)
      if (membership.state === 'active' && membership.isManager) return []
      if (membership.state === 'inactive') {
        const sentence = `${host.name} becomes the first manager, advertising ${options.advertiseAddress}`
        return [new Change(sentence, 'in no swarm', `first manager, at ${options.advertiseAddress}`)]
      }
      throw precheckError(
        'already-member',
        `${host.name} cannot start a swarm: it is ${membershipText(membership)}`,
        {
          host: host.name,
          hint: `belt --host ${host.name} docker info shows its swarm; to remove it from that swarm: belt --host ${host.name} docker swarm leave`,
        },
      )
    },

    async run() {
      await runChecked(host, initCommand(options), { timeoutMs: INIT_TIMEOUT_MS, signal })
      await awaitLeader(host, wait)
    },
  }
}
