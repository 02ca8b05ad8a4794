import { homedir } from 'node:os'
import { chooseCluster } from '../config/active.ts'
import { createJournal } from '../config/create-journal.ts'
import { type Config, loadConfig } from '../config/load.ts'
import { activeHost, lastFailures } from '../config/remembered.ts'
import { type Cluster, knownHostsPath, lockPath } from '../config/workspace.ts'
import type { Driver, Machine } from '../drivers/driver.ts'
import { HostError } from '../hosts/errors.ts'
import type { HostAddress } from '../hosts/host.ts'
import { KnownHosts } from '../hosts/known-hosts.ts'
import { publicKeys } from '../hosts/public-keys.ts'
import { SSH_DEFAULTS, type SshOptions } from '../hosts/ssh/options.ts'
import { SshHosts } from '../hosts/ssh/ssh-hosts.ts'
import type { Fleet } from '../operations/fleet.ts'
import type { Progress } from '../progress.ts'
import { askPassphrase } from '../ui/ask-passphrase.ts'
import { openProgress } from '../ui/progress.ts'
import type { GlobalFlags } from './flags.ts'
import { lockSettings } from './lock-settings.ts'

const DEFAULT_TIMEOUT_MS = 60_000
/** How long after its making a machine may refuse connections without that being a fault. */
const FRESH_MS = 600_000

export interface OpenFleet {
  readonly fleet: Fleet
  close(): void
}

/** Puts the cluster together that the flags, the environment and the folder point to. Contacts nothing. */
export async function openFleet(flags: GlobalFlags, signal: AbortSignal): Promise<OpenFleet> {
  const cluster = await chooseCluster({ cwd: process.cwd(), cluster: flags.cluster, config: flags.config })
  return fleetOf(cluster, flags, signal)
}

/** Puts one cluster together: the only place that knows which adapters there are. */
export async function fleetOf(cluster: Cluster, flags: GlobalFlags, signal: AbortSignal): Promise<OpenFleet> {
  const config = await loadConfig(cluster, process.env)
  const progress = openProgress(process.stderr)
  for (const warning of config.warnings) progress.note(`warning: ${warning}`)
  const knownHosts = new KnownHosts(knownHostsPath(cluster))
  const ssh = sshOptions(config, knownHosts, progress, flags)
  const hosts = new SshHosts(ssh)
  const driver: Driver = config.driver.create(config.options, {
    cluster: cluster.name,
    publicKeys: () => publicKeys(ssh),
  })
  const { size, region } = config.options
  const fleet: Fleet = {
    cluster: cluster.name,
    driver,
    progress,
    signal,
    concurrency: flags.concurrency ?? config.ssh.concurrency,
    timeoutMs: flags.timeout ?? DEFAULT_TIMEOUT_MS,
    swarm: config.swarm,
    declared: config.nodes,
    sysctl: config.sysctl,
    defaultSize: typeof size === 'string' ? size : undefined,
    regions: Array.isArray(region) ? region : [],
    creates: createJournal(cluster),
    lock: lockSettings(lockPath(cluster), flags['lock-wait']),
    activeHost: activeHost(cluster),
    lastFailures: lastFailures(cluster),
    host: machine => hosts.host(addressOf(machine, config)),
    forgetHostKeys: names => knownHosts.forget(names),
  }
  return { fleet, close: () => hosts.close() }
}

function sshOptions(
  { ssh }: Config,
  knownHosts: KnownHosts,
  progress: Progress,
  flags: GlobalFlags,
): SshOptions {
  return {
    ...SSH_DEFAULTS,
    ...ssh,
    knownHosts,
    homeDirectory: homedir(),
    agentSocket: process.env.SSH_AUTH_SOCK,
    askPassphrase: process.stdin.isTTY && process.stderr.isTTY ? askPassphrase : undefined,
    ...(flags.debug && {
      onRetry: (host, reason, elapsedMs) =>
        progress.note(`${host}: ${reason} (tried for ${Math.round(elapsedMs / 1000)} s, trying again)`),
    }),
  }
}

function addressOf(machine: Machine, { ssh }: Config): HostAddress {
  if (machine.status === 'off' || !machine.ssh) throw unusable(machine)
  return {
    name: machine.name,
    address: machine.ssh.address,
    port: ssh.port ?? machine.ssh.port,
    user: ssh.user ?? machine.ssh.user,
    fresh: machine.createdAt !== undefined && Date.now() - Date.parse(machine.createdAt) < FRESH_MS,
  }
}

function unusable({ name, status }: Machine): HostError {
  const message =
    status === 'off' ? `${name} is switched off` : `${name} has no address; its status is ${status}`
  return new HostError('unreachable', name, message, { hint: 'belt ls shows each machine' })
}
