import { randomBytes } from 'node:crypto'
import type { NetworkInspectInfo } from 'dockerode'
import { precheckError } from '../../errors.ts'
import type { Engine } from './engine.ts'
import { EngineError } from './engine-error.ts'
import { clusterFilter, clusterLabel } from './labels.ts'

/** The network that the machines of a cluster share. */
export interface ClusterNetwork {
  readonly id: string
  readonly subnet: string
}

/**
 * Finds the cluster's network or makes it.
 * @param subnet the range that the config asks for; the engine picks one unless told
 * @throws a precheck error when the network is there with another range
 */
export async function ensureNetwork(
  engine: Engine,
  cluster: string,
  subnet: string | undefined,
): Promise<ClusterNetwork> {
  const network = (await findNetwork(engine, cluster)) ?? (await makeNetwork(engine, cluster, subnet))
  if (subnet === undefined || subnet === network.subnet) return network
  throw precheckError(
    'subnet-differs',
    `the network of ${cluster} is ${network.subnet}, but the config says ${subnet}`,
    { hint: `set docker.subnet to ${network.subnet}, or remove the machines of ${cluster} first` },
  )
}

/** Removes the cluster's networks, but leaves one that a machine of another Belt has joined meanwhile. */
export async function removeNetworks(engine: Engine, cluster: string): Promise<void> {
  for (const { Id } of await listNetworks(engine, cluster)) await removeNetwork(engine, Id)
}

async function makeNetwork(engine: Engine, cluster: string, subnet?: string): Promise<ClusterNetwork> {
  const id = await createNetwork(
    engine,
    cluster,
    networkName(cluster),
    subnet ?? (await freeSubnet(engine, cluster)),
  )
  const network = await findNetwork(engine, cluster)
  if (!network)
    throw new EngineError('network-gone', `the network of ${cluster} was removed while it was made`)
  // Another Belt was faster: engines before 25 allow two networks of one name.
  if (id !== undefined && id !== network.id) await removeNetwork(engine, id)
  return network
}

/** The oldest one, so that several Belts choose the same. */
async function findNetwork(engine: Engine, cluster: string): Promise<ClusterNetwork | undefined> {
  const [oldest] = (await listNetworks(engine, cluster))
    .filter(network => network.Name === networkName(cluster))
    .sort((a, b) => Date.parse(a.Created) - Date.parse(b.Created) || a.Id.localeCompare(b.Id))
  return oldest && { id: oldest.Id, subnet: subnetOf(oldest) }
}

/**
 * A range that the engine and the routes of its host leave free. The engine allows fixed addresses only where the
 * range was given to it, so it is asked for one first.
 */
async function freeSubnet(engine: Engine, cluster: string): Promise<string> {
  const name = `${networkName(cluster)}-probe-${randomBytes(4).toString('hex')}`
  const id = await createNetwork(engine, cluster, name)
  const probe = (await listNetworks(engine, cluster)).find(network => network.Id === id)
  if (id !== undefined) await removeNetwork(engine, id)
  if (!probe) throw new EngineError('network-gone', `a network of ${cluster} was removed while it was made`)
  return subnetOf(probe)
}

/** @returns undefined when the name is taken already */
async function createNetwork(engine: Engine, cluster: string, name: string, subnet?: string) {
  try {
    const network = await engine.call('creating the cluster network', (docker, abortSignal) =>
      docker.createNetwork({
        Name: name,
        CheckDuplicate: true,
        Driver: 'bridge',
        Labels: clusterLabel(cluster),
        ...(subnet !== undefined && { IPAM: { Config: [{ Subnet: subnet }] } }),
        abortSignal,
      }),
    )
    return network.id
  } catch (error) {
    if (error instanceof EngineError && error.status === 409) return undefined
    throw error
  }
}

async function removeNetwork(engine: Engine, id: string): Promise<void> {
  try {
    await engine.call('removing the cluster network', (docker, abortSignal) =>
      docker.getNetwork(id).remove({ abortSignal }),
    )
  } catch (error) {
    const inUseOrGone = error instanceof EngineError && [403, 404, 409].includes(error.status ?? 0)
    if (!inUseOrGone) throw error
  }
}

function listNetworks(engine: Engine, cluster: string): Promise<NetworkInspectInfo[]> {
  return engine.call('listing networks', (docker, abortSignal) =>
    docker.listNetworks({ filters: clusterFilter(cluster), abortSignal }),
  )
}

function networkName(cluster: string): string {
  return `belt-${cluster}`
}

function subnetOf(network: NetworkInspectInfo): string {
  const subnet = network.IPAM?.Config?.[0]?.Subnet
  if (subnet !== undefined) return subnet
  throw new EngineError('network-without-subnet', `the network ${network.Name} has no range of addresses`, {
    hint: `remove it: docker network rm ${network.Name}`,
  })
}
