import type { ContainerInfo } from 'dockerode'
import type { Machine, MachineStatus } from '../driver.ts'
import type { LocalMachine } from './container.ts'
import type { Reach } from './reach.ts'

export const SSH_PORT = 22

const STATUSES: Readonly<Record<string, MachineStatus>> = {
  created: 'new',
  restarting: 'new',
  running: 'active',
  exited: 'off',
  removing: 'failed',
  dead: 'failed',
}

/** Converts a listed container to a machine. */
export function machineFromContainer(
  { container, labels }: LocalMachine,
  reach: Reach,
  user: string,
): Machine {
  const status = STATUSES[container.State] ?? 'unknown'
  const privateAddress = containerAddress(container)
  const endpoint = sshOf(container, reach)
  return {
    id: container.Id,
    name: labels.name,
    status,
    memoryMiB: labels.memoryMiB,
    region: labels.region,
    image: container.Image,
    createdAt: new Date(container.Created * 1000).toISOString(),
    ...(privateAddress !== undefined && { privateAddress }),
    ...(endpoint && { ssh: { ...endpoint, user } }),
    ...(status === 'failed' || status === 'unknown' ? { reason: whyUnusable(container) } : {}),
  }
}

/** A paused machine keeps everything, but neither answers nor counts as stopped. */
function whyUnusable({ State, Status, Names }: ContainerInfo): string {
  if (State === 'paused') return `paused; docker unpause ${(Names[0] ?? '').replace(/^\//, '')} continues it`
  return Status || State
}

/** A container's fixed address, which it keeps while stopped. */
export function containerAddress(container: ContainerInfo): string | undefined {
  const [network] = Object.values(container.NetworkSettings.Networks)
  return network?.IPAMConfig?.IPv4Address || network?.IPAddress || undefined
}

function sshOf(container: ContainerInfo, reach: Reach): { address: string; port: number } | undefined {
  if (reach.via === 'address') {
    const address = containerAddress(container)
    return address === undefined ? undefined : { address, port: SSH_PORT }
  }
  const published = container.Ports.find(port => port.PrivatePort === SSH_PORT && port.PublicPort)
  return published && { address: reach.at, port: published.PublicPort }
}
