import { setTimeout as sleep } from 'node:timers/promises'
import { debuglog } from 'node:util'
import type { ContainerCreateOptions } from 'dockerode'
import { BeltError, reasonOf } from '../../errors.ts'
import { removeContainer, STOP_SECONDS, startContainer } from './container.ts'
import type { Engine } from './engine.ts'
import { EngineError } from './engine-error.ts'
import { type MachineLabels, machineLabels, readLabels } from './labels.ts'
import { SSH_PORT } from './machine.ts'
import type { Site } from './site.ts'

const debug = debuglog('belt')

/** Each reason to make a container again comes once, but more often when another Belt makes the same one. */
const MOST_FAILURES = 12

/** A name is free only some time after its container has gone. */
const REMOVAL_PAUSE_MS = 200

const PRIVILEGED = { Privileged: true, CgroupnsMode: 'private' }

/**
 * What an inner engine needs, where the engine lacks a capability itself and so cannot grant all. The two empty lists
 * are the command line's `systempaths=unconfined`.
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
 * Makes a machine's container and starts it; one that was made but never started is only started. Where the start
 * fails for what another container can avoid, it is made again.
 * @param halfMade the id of a container that was never started
 */
export async function bringUp(
  engine: Engine,
  site: Site,
  labels: MachineLabels,
  halfMade?: string,
  signal?: AbortSignal,
): Promise<void> {
  let id = halfMade
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
      else if (!isPassing(error) || ++failures === MOST_FAILURES) throw error
      if (isTooPrivileged(error)) site.privileged = false
      debug('%s is made again: %s', labels.name, reasonOf(error))
      if (id !== undefined) await removeContainer(engine, id, labels.name)
      id = undefined
      if (isGone(error)) await sleep(REMOVAL_PAUSE_MS, undefined, { signal })
    }
  }
}

function isPassing(error: EngineError): boolean {
  return isTooPrivileged(error) || isGone(error) || hasLostNetwork(error)
}

/** By something foreign on the network, or by another Belt a moment ago. The engine tells it in words only. */
function isAddressTaken({ message }: EngineError): boolean {
  return /Address already in use/.test(message)
}

/** The engine may not grant what it lacks itself, and tells it in words only. */
function isTooPrivileged({ message }: EngineError): boolean {
  return /operation not permitted/i.test(message)
}

/** Another Belt has removed it, to make the same machine again. */
function isGone({ status, message }: EngineError): boolean {
  return status === 409 || /No such container/i.test(message)
}

/** It was half made, and then the cluster had no machine and so no network for a while. */
function hasLostNetwork({ message }: EngineError): boolean {
  return /network \S+ not found/i.test(message)
}

async function createContainer(engine: Engine, site: Site, labels: MachineLabels, address: string) {
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
 * A container of this name is there: the machine, made by another Belt a moment ago, or something foreign.
 * @returns the machine's container
 */
async function sameMachine(engine: Engine, site: Site, { name }: MachineLabels): Promise<string> {
  const taken = containerName(site.cluster, name)
  const { Id, Config } = await engine.call(`reading ${name}`, (docker, abortSignal) =>
    docker.getContainer(taken).inspect({ abortSignal }),
  )
  if (readLabels(site.cluster, Config.Labels)?.name === name) return Id
  throw new BeltError(
    'name-taken',
    `a container named ${taken} exists that is no machine of ${site.cluster}`,
    {
      host: name,
      hint: `rename it (docker rename ${taken} NEW-NAME) or remove it (docker rm -f ${taken})`,
    },
  )
}

function containerOptions(site: Site, labels: MachineLabels, address: string): ContainerCreateOptions {
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
