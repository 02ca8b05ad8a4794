import { BeltError, precheckError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { readMembership } from '../queries/membership.ts'
import { readNodes } from '../queries/nodes.ts'
import { Change } from '../record.ts'
import { initCommand, type SwarmInitOptions } from '../remote/swarm.ts'
import { retry } from '../retry.ts'
import type { Step } from './step.ts'

const INIT_TIMEOUT_MS = 45_000
const GATE_TIMEOUT_MS = 30_000

/** Makes a host the first manager of a new swarm; nothing to do where it is a manager already. */
export function initSwarm(host: Host, options: SwarmInitOptions, signal?: AbortSignal): Step {
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
        `${host.name} cannot start a swarm: it is ${inWords(membership)}`,
        {
          host: host.name,
          hint: `belt --host ${host.name} docker info shows its swarm; belt --host ${host.name} docker swarm leave takes it out`,
        },
      )
    },

    async run() {
      await runChecked(host, initCommand(options), { timeoutMs: INIT_TIMEOUT_MS, signal })
      await retry(() => expectLeader(host, signal), { deadlineMs: GATE_TIMEOUT_MS, everyMs: 500, signal })
    },
  }
}

function inWords(membership: { state: string; error: string | undefined }): string {
  const state = membership.state === 'active' ? 'a worker of another manager' : membership.state
  return membership.error ? `${state} (${membership.error})` : state
}

/** Looks whether a host leads its swarm. @throws `init-incomplete` with what it says */
export async function expectLeader(host: Host, signal?: AbortSignal): Promise<void> {
  const membership = await readMembership(host, signal)
  const nodes = membership.isManager ? await readNodes(host, signal) : []
  const self = nodes.find(node => node.id === membership.nodeId)
  if (self?.isLeader && self.state === 'ready') return
  throw new BeltError(
    'init-incomplete',
    `${host.name} does not lead its new swarm yet: ${inWords(membership)}`,
    {
      host: host.name,
      hint: `belt --host ${host.name} docker info`,
    },
  )
}
