import { precheckError } from '../../errors.ts'
import { silentProgress } from '../../progress.ts'
import type { ClusterContext, DriverCallOptions } from '../driver.ts'
import type { LocalMachine } from './container.ts'
import type { Engine } from './engine.ts'
import { ensureImage } from './image.ts'
import type { MachineLabels } from './labels.ts'
import { containerAddress } from './machine.ts'
import { type ClusterNetwork, ensureNetwork } from './network.ts'
import type { DockerOptions } from './options.ts'
import { noteShortages } from './preflight.ts'
import { AddressPool } from './subnet.ts'

/** What all machines created in one run share. */
export interface ContainerSite {
  readonly cluster: string
  readonly image: string
  readonly network: ClusterNetwork
  readonly addresses: AddressPool
  /** The host address to publish SSH ports on. */
  readonly publishOn: string
  readonly environment: Readonly<Record<string, string>>
  /** Set to false for the rest of the run if the engine cannot run privileged containers. */
  privileged: boolean
}

/**
 * Prepares everything that machines need before the first one is created.
 * @throws a precheck error if something is not available; the signal's reason if aborted
 */
export async function prepareContainerSite(
  engine: Engine,
  options: DockerOptions,
  context: ClusterContext,
  wanted: readonly MachineLabels[],
  existing: readonly LocalMachine[],
  { signal, progress = silentProgress }: DriverCallOptions,
): Promise<ContainerSite> {
  signal?.throwIfAborted()
  const keys = await publicKeys(context)
  const image = await ensureImage(engine, options, { signal, progress })
  await noteShortages(engine, loadOf(wanted, existing), progress)
  signal?.throwIfAborted()
  const network = await ensureNetwork(engine, context.cluster, options.subnet)
  const taken = new Set(existing.flatMap(({ container }) => containerAddress(container) ?? []))
  return {
    cluster: context.cluster,
    image,
    network,
    addresses: new AddressPool(network.subnet, taken),
    publishOn: engine.endpoint.publish.on,
    environment: { BELT_AUTHORIZED_KEYS: keys.join('\n'), BELT_SSH_USER: options.ssh_user },
    privileged: true,
  }
}

async function publicKeys(context: ClusterContext): Promise<string[]> {
  const keys = await context.publicKeys()
  if (keys.length > 0) return keys
  throw precheckError('no-public-key', 'no SSH public key found to authorize on new machines', {
    hint: 'create a key: ssh-keygen -t ed25519',
  })
}

function loadOf(wanted: readonly MachineLabels[], existing: readonly LocalMachine[]) {
  const all = new Map(
    [...wanted, ...existing.map(machine => machine.labels)].map(label => [label.name, label]),
  )
  const memoryMiB = [...all.values()].reduce((sum, label) => sum + label.memoryMiB, 0)
  return { machines: all.size, memoryMiB }
}
