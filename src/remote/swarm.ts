import { dockerClient, type EngineCommand, type ProcessCommand } from './command.ts'
import { engineRequest } from './engine.ts'
import { EngineObject } from './engine-json.ts'

/** The port that managers listen on for joins and Raft; fixed in the engine. */
export const SWARM_PORT = 2377

const NODE_STATES = ['inactive', 'pending', 'active', 'locked', 'error'] as const

/** What an engine says that starts with a certificate that has expired. */
const EXPIRED = /certificates? ha(s|ve) expired/i

/** The swarm states that `docker info` reports. */
export type LocalNodeState = (typeof NODE_STATES)[number]

/** A host's own view of its membership in a swarm. */
export interface Membership {
  readonly state: LocalNodeState
  readonly nodeId: string | undefined
  /** The address at which others reach this node. */
  readonly nodeAddress: string | undefined
  readonly isManager: boolean
  /** Of managers, `address:port`; empty on hosts outside any swarm. */
  readonly managers: readonly { readonly nodeId: string; readonly address: string }[]
  /** The swarm's id. Workers do not report it through `docker info`. */
  readonly clusterId: string | undefined
  /** How long certificates of the swarm last, in milliseconds; managers tell it while there is a leader. */
  readonly certificateLifeMs: number | undefined
  /** The engine's error, such as a lost quorum. */
  readonly error: string | undefined
  /** Whether it is out of its swarm because its certificate has expired. */
  readonly hasExpired: boolean
}

/** Asks for a host's membership. The engine answers even if the quorum is lost, and then sets `error`. */
export const membershipRequest: EngineCommand = engineRequest('GET', '/info')

/**
 * Parses the answer to `membershipRequest`.
 * @throws SyntaxError if it is not the engine's JSON; Error if its state is unknown
 */
export function parseMembership(body: string): Membership {
  const swarm = EngineObject.read(body).object('Swarm')
  const cluster = swarm.object('Cluster')
  const printed = swarm.text('LocalNodeState')
  const state = NODE_STATES.find(word => word === printed)
  if (state === undefined) throw new Error(`it reports no known state ("${printed}")`)
  const error = swarm.text('Error') || undefined
  const isManager = swarm.flag('ControlAvailable')
  const clusterId = cluster.text('ID') || undefined
  if (isManager && state === 'active' && !error && !clusterId)
    throw new SyntaxError('a manager names neither its swarm nor an error')
  return {
    state,
    nodeId: swarm.text('NodeID') || undefined,
    nodeAddress: swarm.text('NodeAddr') || undefined,
    isManager,
    managers: swarm
      .objects('RemoteManagers')
      .map(manager => ({ nodeId: manager.text('NodeID'), address: manager.text('Addr') })),
    clusterId,
    certificateLifeMs: cluster.object('Spec').object('CAConfig').count('NodeCertExpiry') / 1e6 || undefined,
    error,
    hasExpired: state === 'error' && EXPIRED.test(error ?? ''),
  }
}

export interface SwarmInitOptions {
  /** The address that other nodes reach this one at: always given, never guessed by the engine. */
  readonly advertiseAddress: string
  readonly availability?: string | undefined
  readonly defaultAddressPools?: readonly string[] | undefined
  readonly defaultAddressPoolMaskLength?: number | undefined
  readonly dataPathPort?: number | undefined
  readonly certificateExpiry?: string | undefined
  readonly taskHistoryLimit?: number | undefined
}

/** Makes a host the first manager of a new swarm. The output contains a join token: never show it. */
export function initCommand(options: SwarmInitOptions): ProcessCommand {
  const flags: [string, string | number | undefined][] = [
    ['--advertise-addr', options.advertiseAddress],
    ['--availability', options.availability],
    ...(options.defaultAddressPools ?? []).map((pool): [string, string] => ['--default-addr-pool', pool]),
    ['--default-addr-pool-mask-length', options.defaultAddressPoolMaskLength],
    ['--data-path-port', options.dataPathPort],
    ['--cert-expiry', options.certificateExpiry],
    ['--task-history-limit', options.taskHistoryLimit],
  ]
  const words = flags.flatMap(([flag, value]) => (value === undefined ? [] : [flag, String(value)]))
  return dockerClient('swarm', 'init', ...words)
}

/** Prints the token that lets a node join; a secret. `rotate` makes a new one first. */
export function joinTokenCommand(role: 'worker' | 'manager', rotate = false): ProcessCommand {
  const words = ['swarm', 'join-token', ...(rotate ? ['--rotate'] : []), '--quiet', role]
  return { ...dockerClient(...words), journaled: rotate }
}

/** Reads what `joinTokenCommand` printed. @throws Error when it is no join token; the message does not show it */
export function parseJoinToken(stdout: string): string {
  const token = stdout.trim()
  if (/^SWMTKN-\S+$/.test(token)) return token
  throw new Error('it is no join token')
}

export interface SwarmJoinOptions {
  readonly token: string
  /** Managers to join through, `address:port`. */
  readonly managers: readonly string[]
  /** Absent: the engine finds the address that faces the manager. */
  readonly advertiseAddress?: string | undefined
}

/**
 * Joins a swarm. The token travels in the body of the request, because `docker swarm join --token`
 * shows it to everyone on that host who lists processes.
 */
export function joinCommand(options: SwarmJoinOptions): EngineCommand {
  return engineRequest('POST', '/swarm/join', {
    ListenAddr: `0.0.0.0:${SWARM_PORT}`,
    AdvertiseAddr: options.advertiseAddress ?? '',
    RemoteAddrs: options.managers,
    JoinToken: options.token,
  })
}

/** Removes a host from its swarm. `force` also removes a manager, which the other managers then count as lost for good. */
export function leaveCommand(force: boolean): ProcessCommand {
  return dockerClient('swarm', 'leave', ...(force ? ['--force'] : []))
}
