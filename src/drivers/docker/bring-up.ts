import { setTimeout as sleep } from 'node:timers/promises'
import { debuglog } from 'node:util'
import type { ContainerCreateOptions } from 'dockerode'
import { BeltError, reasonOf } from '../../errors.ts'
import { removeContainer, STOP_SECONDS, startContainer } from './container.ts'
import type { Engine } from './engine.ts'
import { EngineError } from './engine-error.ts'
import { type MachineLabels, machineLabels, readLabels } from './labels.ts'
import { SSH_PORT } from './machine.ts'
import type { ContainerSite } from './site.ts'

const debug = debuglog('belt')

/** Each reason to recreate a container normally occurs once, but more often if another Belt creates the same machine. */
const MOST_FAILURES = 12

/** A name stays reserved for a moment after its container is removed. */
const REMOVAL_PAUSE_MS = 200

const PRIVILEGED = { Privileged: true, CgroupnsMode: 'private' }

/**
 * What an inner engine needs if the outer engine is missing a capability and cannot run privileged containers. The two
 * empty lists are the command line's `systempaths=unconfined`.
 */
const NEARLY_PRIVILEGED = {
  CapAdd: ['ALL'],
  CapDrop: ['SYS_RESOURCE'],
  CgroupnsMode: 'private',
  SecurityOpt: ['seccomp=unconfined'],
  MaskedPaths: [],
  ReadonlyPaths: [],
}

/**
 * Creates and starts a machine's container. A container that was created but never started is only started. If the start
 * fails for a reason that a new container can avoid, the container is recreated.
 * @param existingId the id of a container that was never started
 */
export async function bringUp(
  engine: Engine,
  site: ContainerSite,
  labels: MachineLabels,
  existingId?: string,
  signal?: AbortSignal,
): Promise<void> {
  let id = existingId
  let address: string | undefined
  for (let failures = 0; ; ) {
    try {
      signal?.throwIfAborted()
      address ??= site.addresses.next()
      id ??= await createContainer(engine, site, labels, address)
      signal?.throwIfAborted()
      await startContainer(engine, id, labels.name)
      return
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      if (isAddressTaken(error)) address = undefined
      else if (!isTransient(error) || ++failures === MOST_FAILURES) throw error
      if (isTooPrivileged(error)) site.privileged = false
      debug('recreating %s: %s', labels.name, reasonOf(error))
      if (id !== undefined) await removeContainer(engine, id, labels.name)
      id = undefined
      if (isGone(error)) await sleep(REMOVAL_PAUSE_MS, undefined, { signal })
    }
  }
}

function isTransient(error: EngineError): boolean {
  return isTooPrivileged(error) || isGone(error) || hasLostNetwork(error)
}

/** Taken by another container on the network, or by another Belt just now. The engine reports it only in its message. */
function isAddressTaken({ message }: EngineError): boolean {
  return /Address already in use/.test(message)
}

/** The engine cannot grant capabilities that it does not have, and reports it only in its message. */
function isTooPrivileged({ message }: EngineError): boolean {
  return /operation not permitted/i.test(message)
}

/** Another Belt removed it in order to recreate the same machine. */
function isGone({ status, message }: EngineError): boolean {
  return status === 409 || /No such container/i.test(message)
}

/**
 * The container was created earlier, and the cluster's network was removed and recreated since. An engine outside a swarm
 * may also look for the network among those of a swarm, and then complains that it is not in one.
 */
function hasLostNetwork({ message }: EngineError): boolean {
  return /network \S+ not found|invalid cluster node while attaching to network/i.test(message)
}

async function createContainer(engine: Engine, site: ContainerSite, labels: MachineLabels, address: string) {
  const options = containerOptions(site, labels, address)
  try {
    const container = await engine.call(`creating ${labels.name}`, (docker, abortSignal) =>
      docker.createContainer({ ...options, abortSignal }),
    )
    return container.id
  } catch (error) {
    if (!(error instanceof EngineError) || error.status !== 409) throw error
    return await sameMachine(engine, site, labels)
  }
}

/**
 * Checks an existing container of this name. It is either the machine, just created by another Belt, or unrelated.
 * @returns the id of the machine's container
 */
async function sameMachine(engine: Engine, site: ContainerSite, { name }: MachineLabels): Promise<string> {
  const taken = containerName(site.cluster, name)
  const { Id, Config } = await engine.call(`reading ${name}`, (docker, abortSignal) =>
    docker.getContainer(taken).inspect({ abortSignal }),
  )
  if (readLabels(site.cluster, Config.Labels)?.name === name) return Id
  throw new BeltError(
    'name-taken',
    `container ${taken} already exists, but it is not a machine of ${site.cluster}`,
    {
      host: name,
      hint: `rename it (docker rename ${taken} NEW-NAME) or remove it (docker rm -f ${taken})`,
    },
  )
}

function containerOptions(
  site: ContainerSite,
  labels: MachineLabels,
  address: string,
): ContainerCreateOptions {
  const ssh = `${SSH_PORT}/tcp`
  return {
    name: containerName(site.cluster, labels.name),
    Hostname: labels.name,
    Image: site.image,
    Env: Object.entries(site.environment).map(([key, value]) => `${key}=${value}`),
    Labels: machineLabels(site.cluster, labels),
    StopTimeout: STOP_SECONDS,
    ExposedPorts: { [ssh]: {} },
    Volumes: { '/var/lib/docker': {} },
    HostConfig: {
      ...(site.privileged ? PRIVILEGED : NEARLY_PRIVILEGED),
      Memory: labels.memoryMiB * 2 ** 20,
      NetworkMode: site.network.id,
      PortBindings: { [ssh]: [{ HostIp: site.publishOn, HostPort: '' }] },
    },
    NetworkingConfig: {
      EndpointsConfig: { [site.network.id]: { IPAMConfig: { IPv4Address: address } } },
    },
  }
}

function containerName(cluster: string, machine: string): string {
  return `belt.${cluster}.${machine}`
}
