import { randomBytes } from 'node:crypto'
import type { NetworkInspectInfo } from 'dockerode'
import { BeltError, precheckError } from '../../errors.ts'
import type { Engine } from './engine.ts'
import { EngineError } from './engine-error.ts'
import { clusterFilter, clusterLabel } from './labels.ts'

/** Carried by the networks that machines are on, not by those that only ask for a free range. */
const SUBNET = 'belt.subnet'

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
  const id = await createNetwork(engine, cluster, subnet ?? (await freeSubnet(engine, cluster)))
  const network = await findNetwork(engine, cluster)
  // Another Belt was faster.
  if (network && network.id !== id) await removeNetwork(engine, id)
  if (network) return network
  throw networkGone(cluster)
}

/** The oldest one, so that several Belts choose the same. */
async function findNetwork(engine: Engine, cluster: string): Promise<ClusterNetwork | undefined> {
  const networks = (await listNetworks(engine, cluster)).flatMap(({ Id: id, Created, Labels }) => {
    const subnet = Labels?.[SUBNET]
    return subnet === undefined ? [] : [{ id, subnet, madeAt: Date.parse(Created) }]
  })
  return networks.sort((a, b) => a.madeAt - b.madeAt || a.id.localeCompare(b.id))[0]
}

/**
 * A range that the engine and the routes of its host leave free. The engine allows fixed addresses only where the
 * range was given to it, so it is asked for one first, by a network that is removed at once.
 */
async function freeSubnet(engine: Engine, cluster: string): Promise<string> {
  const id = await createNetwork(engine, cluster)
  const probe = (await listNetworks(engine, cluster)).find(network => network.Id === id)
  await removeNetwork(engine, id)
  const subnet = probe?.IPAM?.Config?.[0]?.Subnet
  if (subnet !== undefined) return subnet
  throw networkGone(cluster)
}

/** The name is unlike any other, because machines on networks of the same name cannot be started. */
async function createNetwork(engine: Engine, cluster: string, subnet?: string): Promise<string> {
  const network = await engine.call('creating the cluster network', (docker, abortSignal) =>
    docker.createNetwork({
      Name: `belt-${cluster}-${randomBytes(3).toString('hex')}`,
      Driver: 'bridge',
      Labels: { ...clusterLabel(cluster), ...(subnet !== undefined && { [SUBNET]: subnet }) },
      ...(subnet !== undefined && { IPAM: { Config: [{ Subnet: subnet }] } }),
      abortSignal,
    }),
  )
  return network.id
}

function networkGone(cluster: string): BeltError {
  return new BeltError('network-gone', `the network of ${cluster} was removed while it was made`, {
    hint: 'another Belt removes machines of this cluster; try again when it is done',
  })
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
