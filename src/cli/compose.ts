import { homedir } from 'node:os'
import { systemClock } from '../clock.ts'
import { chooseCluster } from '../config/active.ts'
import { afterWork } from '../config/after-work.ts'
import { connectionFingerprint } from '../config/connection-fingerprint.ts'
import { createJournal } from '../config/create-journal.ts'
import { type Config, loadConfig } from '../config/load.ts'
import { activeHost, lastFailures } from '../config/remembered.ts'
import { type Cluster, knownHostsPath, lockPath, ownKeyPath } from '../config/workspace.ts'
import type { Driver } from '../drivers/driver.ts'
import { recordedDriver } from '../drivers/journaled-driver.ts'
import { BeltError } from '../errors.ts'
import { AgentHosts } from '../hosts/agent/client/agent-hosts.ts'
import { recordedHost } from '../hosts/journaled-host.ts'
import { KnownHosts } from '../hosts/known-hosts/known-hosts.ts'
import { possibleConnections } from '../hosts/ssh/connection-limit.ts'
import { SSH_DEFAULTS, type SshOptions } from '../hosts/ssh/options.ts'
import type { SshHosts } from '../hosts/ssh/ssh-hosts.ts'
import type { Fleet, Remembered } from '../operations/fleet.ts'
import { MachineList } from '../operations/machine-list.ts'
import { type Progress, recordedProgress } from '../progress.ts'
import { type Recorder, silentRecorder } from '../record.ts'
import { askPassphrase } from '../ui/ask-passphrase.ts'
import { stdio } from '../ui/stdio.ts'
import { ClusterAgent } from './agent.ts'
import type { GlobalFlags } from './flags/global-flags.ts'
import { hostAddress } from './host-address.ts'
import { hostsAtOnce } from './hosts-at-once.ts'
import { lockSettings } from './lock-settings.ts'
import { openRecorder } from './recorder/open-recorder.ts'
import type { Run, RunRecorder } from './recorder/run-recorder.ts'

const DEFAULT_TIMEOUT_MS = 60_000

export interface OpenFleet {
  readonly fleet: Fleet
  /** Absent if the run is not recorded. */
  readonly recorder: RunRecorder | undefined
  close(): void
}

/** Assembles the cluster that the flags, the environment and the folder select. Contacts nothing. */
export async function openFleet(flags: GlobalFlags, signal: AbortSignal, run: Run): Promise<OpenFleet> {
  const cluster = await chooseCluster({ cwd: process.cwd(), cluster: flags.cluster, config: flags.config })
  return fleetOf(cluster, flags, signal, run)
}

/**
 * Assembles one cluster and connects its adapters.
 * @param run the run to record in the journal and the debug log of the cluster (default: record nothing)
 */
export async function fleetOf(
  cluster: Cluster,
  flags: GlobalFlags,
  signal: AbortSignal,
  run?: Run,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<OpenFleet> {
  const config = await loadConfig(cluster, environment)
  const shown = stdio.progress
  const lock = lockSettings(lockPath(cluster), flags['lock-wait'])
  const runRecorder = run && openRecorder(config, run, lock.holder, shown)
  const recorder = runRecorder ?? silentRecorder
  const progress = recordedProgress(shown, recorder)
  for (const warning of config.warnings) progress.note(`warning: ${warning}`)
  const knownHosts = new KnownHosts(knownHostsPath(cluster))
  const ssh = sshOptions(config, knownHosts, shown, flags, recorder)
  const note = (message: string) => {
    recorder.log(message)
    if (flags.debug) shown.note(message)
  }
  const hosts = new AgentHosts({
    direct: () => sshHosts(ssh),
    agent: async () => (await clusterAgent(config, ssh, environment)).reach(note),
  })
  const driver: Driver = config.driver.create(config.options, {
    cluster: cluster.name,
    publicKeys: () => publicKeysFor(config, ssh, progress),
  })
  const concurrency = flags.concurrency ?? config.ssh.concurrency
  const through = { bastion: ssh.bastion !== undefined }
  const { size, region } = config.options
  const recorded = recordedDriver(driver, recorder)
  const creates = createJournal(cluster)
  const saving = afterWork(message => progress.note(message))
  const savedAfterWork = <T>(remembered: Remembered<T>, what: string): Remembered<T> => ({
    get: () => remembered.get(),
    set: value => saving(what, remembered.set(value)),
    clear: () => saving(what, remembered.clear()),
  })
  const fleet: Fleet = {
    cluster: cluster.name,
    driver: recorded,
    machines: new MachineList(recorded, progress),
    progress,
    clock: systemClock,
    signal,
    concurrency: hostsAtOnce(concurrency, possibleConnections(concurrency, through), progress, through),
    get connections() {
      return possibleConnections(Number.POSITIVE_INFINITY, through)
    },
    timeoutMs: flags.timeout ?? DEFAULT_TIMEOUT_MS,
    swarm: config.swarm,
    declared: config.nodes,
    sysctl: config.sysctl,
    defaultSize: typeof size === 'string' ? size : undefined,
    regions: Array.isArray(region) ? region : [],
    creates: {
      ...creates,
      recordOutcome: names => saving('the outcome of a create', creates.recordOutcome(names)),
    },
    lock,
    activeHost: savedAfterWork(activeHost(cluster), 'the active host'),
    lastFailures: savedAfterWork(lastFailures(cluster), '@failed'),
    host: machine => recordedHost(hosts.host(hostAddress(machine, config)), recorder),
    forgetHostKeys: names => knownHosts.forget(names),
  }
  return { fleet, recorder: runRecorder, close: () => hosts.close() }
}

/** The keys to authorize on new machines. Local machines, which only the user reaches, get a key of their own if there is none. */
async function publicKeysFor(
  { cluster, driver }: Config,
  ssh: SshOptions,
  progress: Progress,
): Promise<string[]> {
  const { publicKeys } = await import('../hosts/ssh/auth/public-keys.ts')
  try {
    return await publicKeys(ssh)
  } catch (error) {
    const isNone = error instanceof BeltError && error.code === 'no-public-key'
    if (!isNone || driver.name !== 'docker') throw error
    const [{ makeOwnKey }, { newPrivateKey }] = await Promise.all([
      import('../config/own-key.ts'),
      import('../hosts/ssh/auth/new-key.ts'),
    ])
    const path = await makeOwnKey(cluster, newPrivateKey)
    if (path) progress.note(`there is no SSH key, so one was made for ${cluster.name}: ${path}`)
    return publicKeys(ssh)
  }
}

async function sshHosts(options: SshOptions): Promise<SshHosts> {
  const { SshHosts } = await import('../hosts/ssh/ssh-hosts.ts')
  return new SshHosts(options)
}

/** Belt's agent for the cluster that the flags, the environment and the folder select. Contacts nothing. */
export async function openAgent(flags: GlobalFlags): Promise<ClusterAgent> {
  const cluster = await chooseCluster({ cwd: process.cwd(), cluster: flags.cluster, config: flags.config })
  const config = await loadConfig(cluster, process.env)
  const knownHosts = new KnownHosts(knownHostsPath(cluster))
  return clusterAgent(
    config,
    sshOptions(config, knownHosts, stdio.progress, flags, silentRecorder),
    process.env,
  )
}

async function clusterAgent(
  { cluster, ssh }: Config,
  options: SshOptions,
  environment: NodeJS.ProcessEnv,
): Promise<ClusterAgent> {
  const { knownHosts: _, askPassphrase: __, onRetry: ___, ...plain } = options
  const fingerprint = await connectionFingerprint(cluster, environment)
  return new ClusterAgent(fingerprint, cluster, { ...plain, agentIdleMs: ssh.agentIdleMs })
}

function sshOptions(
  { cluster, ssh }: Config,
  knownHosts: KnownHosts,
  progress: Progress,
  flags: GlobalFlags,
  recorder: Recorder,
): SshOptions {
  return {
    ...SSH_DEFAULTS,
    ...ssh,
    knownHosts,
    homeDirectory: homedir(),
    ownKey: ownKeyPath(cluster),
    agentSocket: process.env.SSH_AUTH_SOCK,
    askPassphrase: stdio.canAsk ? askPassphrase : undefined,
    onRetry(host, reason, elapsedMs) {
      const message = `${host}: ${reason} (retrying after ${Math.round(elapsedMs / 1000)} s)`
      recorder.log(message)
      if (flags.debug) progress.note(message)
    },
  }
}
