import { reasonOf } from '../../errors.ts'
import type { Progress } from '../../progress.ts'
import type { Api } from './api.ts'
import { ApiError } from './api-error.ts'
import type { DigitalOceanOptions } from './options.ts'
import { listDroplets, type Session } from './session.ts'
import { clusterTag } from './tags.ts'
import type { Firewall, FirewallOrder } from './vendor.ts'

const ANYWHERE = ['0.0.0.0/0', '::/0']

/** How often to try to create the firewall if answers are lost. */
const ATTEMPTS = 5

/**
 * Ensures that the cluster has a firewall. It is attached to the tag, because a firewall accepts only ten droplets but any
 * number through a tag. It also filters the private network, so it opens the swarm's ports to the cluster. An existing
 * firewall is left unchanged, including ports that were opened by hand.
 */
export async function ensureFirewall(
  api: Api,
  cluster: string,
  options: DigitalOceanOptions,
  progress: Progress,
): Promise<void> {
  const order = firewallOrder(cluster, [options.ssh_from].flat())
  for (let attempt = 1; !(await findFirewall(api, order.name)); attempt++) {
    try {
      await api.createTag(clusterTag(cluster))
      await api.createFirewall(order)
      break
    } catch (error) {
      if (!(error instanceof ApiError) || error.outcome !== 'lost' || attempt === ATTEMPTS) throw error
    }
  }
  progress.note(
    `the firewall ${order.name} blocks ESP, so encrypted overlay networks (--opt encrypted) do not work`,
  )
}

/** Removes the cluster's firewall if no machine is left. A firewall is free, so a failure is only noted. */
export async function removeLeftFirewall(session: Session, cluster: string): Promise<void> {
  const { api, progress } = session
  try {
    if ((await listDroplets(session)).size > 0) return
    const firewall = await findFirewall(api, firewallName(cluster))
    if (firewall) await api.deleteFirewall(firewall.id)
  } catch (error) {
    progress.note(`cannot remove the firewall ${firewallName(cluster)}, if it exists: ${reasonOf(error)}`)
  }
}

/** Everything else is dropped. https://docs.docker.com/engine/swarm/swarm-tutorial/#open-protocols-and-ports-between-the-hosts */
export function firewallOrder(cluster: string, sshFrom: readonly string[]): FirewallOrder {
  const tags = [clusterTag(cluster)]
  const within = { sources: { tags } }
  const outwards = { destinations: { addresses: ANYWHERE } }
  return {
    name: firewallName(cluster),
    tags,
    inbound_rules: [
      { protocol: 'tcp', ports: '22', sources: { addresses: sshFrom } },
      { protocol: 'tcp', ports: '2377', ...within },
      { protocol: 'tcp', ports: '7946', ...within },
      { protocol: 'udp', ports: '7946', ...within },
      { protocol: 'udp', ports: '4789', ...within },
      { protocol: 'icmp', ports: '0', ...within },
    ],
    outbound_rules: [
      { protocol: 'tcp', ports: '0', ...outwards },
      { protocol: 'udp', ports: '0', ...outwards },
      { protocol: 'icmp', ports: '0', ...outwards },
    ],
  }
}

async function findFirewall(api: Api, name: string): Promise<Firewall | undefined> {
  return (await api.firewalls()).find(firewall => firewall.name === name)
}

function firewallName(cluster: string): string {
  return `belt-${cluster}`
}
