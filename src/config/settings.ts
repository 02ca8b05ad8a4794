import { homedir } from 'node:os'
import { resolve } from 'node:path'
import type { SharedConfig } from './schema.ts'

/** How to connect to the hosts of a cluster. */
export interface SshSettings {
  /** Instead of what the driver says. */
  readonly user: string | undefined
  /** Instead of what the driver says. */
  readonly port: number | undefined
  /** An absolute path. */
  readonly privateKey: string | undefined
  readonly bastion:
    | {
        readonly address: string
        readonly port: number | undefined
        readonly user: string | undefined
      }
    | undefined
  readonly client: 'ssh2' | 'openssh'
  /** An absolute path, or `none` (default: the files that ssh reads). */
  readonly configFile: string | undefined
  readonly hostKeyChecking: 'accept-new' | 'strict'
  readonly connectTimeoutMs: number
  readonly keepaliveMs: number
  /** How long Belt's agent keeps an unused connection open; 0 where commands start no agent. */
  readonly agentIdleMs: number
  readonly concurrency: number
}

/** @param baseFolder the folder that a relative key path starts from */
export function sshSettings(ssh: SharedConfig['ssh'], baseFolder: string): SshSettings {
  return {
    user: ssh.user,
    port: ssh.port,
    privateKey: ssh.private_key === undefined ? undefined : absolutePath(ssh.private_key, baseFolder),
    bastion: ssh.bastion === undefined ? undefined : bastionOf(ssh.bastion, ssh.user),
    client: ssh.client,
    configFile: configFile(ssh.config, baseFolder),
    hostKeyChecking: ssh.host_key_checking,
    connectTimeoutMs: ssh.connect_timeout,
    keepaliveMs: ssh.keepalive,
    agentIdleMs: ssh.agent,
    concurrency: ssh.concurrency,
  }
}

/** Settings for a new swarm; undefined leaves a setting to the engine. */
export function swarmSettings(swarm: SharedConfig['swarm']) {
  const pools = swarm.default_addr_pool
  return {
    advertise: swarm.advertise,
    availability: swarm.availability,
    defaultAddressPools: typeof pools === 'string' ? [pools] : pools,
    defaultAddressPoolMaskLength: swarm.default_addr_pool_mask_length,
    dataPathPort: swarm.data_path_port,
    certificateExpiry: swarm.cert_expiry,
    taskHistoryLimit: swarm.task_history_limit,
  }
}

/** The machines that the config declares, in its order. */
export function declaredNodes(nodes: SharedConfig['nodes']) {
  return Object.entries(nodes).map(([pattern, node]) => ({
    pattern,
    size: node?.size,
    region: node?.region,
    groups: node?.groups ?? [],
  }))
}

function absolutePath(path: string, baseFolder: string): string {
  return resolve(baseFolder, path.replace(/^~(?=\/|$)/, homedir()))
}

function configFile(config: string | undefined, baseFolder: string): string | undefined {
  return config === undefined || config === 'none' ? config : absolutePath(config, baseFolder)
}

function bastionOf(bastion: NonNullable<SharedConfig['ssh']['bastion']>, sshUser: string | undefined) {
  const { address, port, user } = typeof bastion === 'string' ? parseBastion(bastion) : bastion
  return { address, port, user: user ?? sshUser }
}

function parseBastion(bastion: string) {
  const [, user, address = '', port] = /^(?:([^@]+)@)?(.+?)(?::(\d+))?$/.exec(bastion) ?? []
  return {
    address: address.replace(/^\[|\]$/g, ''),
    port: port === undefined ? undefined : Number(port),
    user,
  }
}
