import { randomBytes } from 'node:crypto'
import type { NetworkInspectInfo } from 'dockerode'
import { BeltError, precheckError } from '../../errors.ts'
import type { Engine } from './engine.ts'
import { EngineError } from './engine-error.ts'
import { clusterLabel, clusterLabelFilter } from './labels.ts'

/** Set on networks that machines use, not on temporary ones that only find a free range. */
const SUBNET = 'belt.subnet'

/** The network that the machines of a cluster share. */
export interface ClusterNetwork {
  readonly id: string
  readonly subnet: string
}

/**
 * Finds the cluster's network or creates it.
 * @param subnet the range from the config (default: chosen by the engine)
 * @throws a precheck error if the network already exists with another range
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
    `the network of ${cluster} has the subnet ${network.subnet}, but docker.subnet in the config is ${subnet}`,
    {
      hint: `set docker.subnet to ${network.subnet}, or remove all machines of ${cluster} first: belt rm '*'`,
    },
  )
}

/** Removes the cluster's networks, except ones that another Belt's machines have joined since. */
export async function removeNetworks(engine: Engine, cluster: string): Promise<void> {
  for (const { Id } of await listNetworks(engine, cluster)) await removeNetwork(engine, Id)
}

async function makeNetwork(engine: Engine, cluster: string, subnet?: string): Promise<ClusterNetwork> {
  const id = await createNetwork(engine, cluster, subnet ?? (await freeSubnet(engine, cluster)))
  const network = await findNetwork(engine, cluster)
  // Another Belt created the network first.
  if (network && network.id !== id) await removeNetwork(engine, id)
  if (network) return network
  throw networkGone(cluster)
}

/** Picks the oldest network, so that several Belt processes agree. */
async function findNetwork(engine: Engine, cluster: string): Promise<ClusterNetwork | undefined> {
  const networks = (await listNetworks(engine, cluster)).flatMap(({ Id: id, Created, Labels }) => {
    const subnet = Labels?.[SUBNET]
    return subnet === undefined ? [] : [{ id, subnet, createdAt: Date.parse(Created) }]
  })
  return networks.sort((a, b) => a.createdAt - b.createdAt || a.id.localeCompare(b.id))[0]
}

/**
 * Finds a range that neither the engine nor the routes of its host use. The engine allows fixed addresses only on
 * networks with an explicit range, so a temporary network is created first to let the engine choose one.
 */
async function freeSubnet(engine: Engine, cluster: string): Promise<string> {
  const id = await createNetwork(engine, cluster)
  const probe = (await listNetworks(engine, cluster)).find(network => network.Id === id)
  await removeNetwork(engine, id)
  const subnet = probe?.IPAM?.Config?.[0]?.Subnet
  if (subnet !== undefined) return subnet
  throw networkGone(cluster)
}

/** The name is unique, because machines on networks with the same name cannot be started. */
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
  return new BeltError('network-gone', `the network of ${cluster} was removed while it was being created`, {
    hint: 'another Belt is removing machines of this cluster; try again when it is done',
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
    docker.listNetworks({ filters: clusterLabelFilter(cluster), abortSignal }),
  )
}
