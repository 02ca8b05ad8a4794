import { execFile, execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import Docker from 'dockerode'
import { DockerDriver } from '../../src/drivers/docker/driver.ts'
import { engineEndpoint } from '../../src/drivers/docker/endpoint.ts'
import { dockerOptions } from '../../src/drivers/docker/options.ts'
import type { Machine } from '../../src/drivers/driver.ts'
import { retry } from '../../src/retry.ts'

/** Clusters of a test on a real engine, which leave nothing behind. */
export class LocalMachines {
  readonly cluster = `t${randomBytes(4).toString('hex')}`
  readonly docker: Docker
  /** The private key that may log in to the machines. */
  readonly privateKey: string
  readonly #host: string
  readonly #folder = mkdtempSync(join(tmpdir(), 'belt-machines-'))

  constructor(host: string) {
    this.#host = host
    this.docker = new Docker(engineEndpoint(host).connection)
    this.privateKey = join(this.#folder, 'id_ed25519')
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', this.privateKey])
  }

  /** @param suffix for the driver of another cluster, or of none */
  driver(suffix = '', options: Record<string, unknown> = {}): DockerDriver {
    return new DockerDriver(dockerOptions.parse({ host: this.#host, ...options }), {
      cluster: this.cluster + suffix,
      publicKeys: async () => [readFileSync(`${this.privateKey}.pub`, 'utf8').trim()],
    })
  }

  /** Runs a command in a machine, as the engine's owner can without SSH. */
  exec(machine: string, ...argv: string[]): string {
    const options = { encoding: 'utf8', env: { ...process.env, DOCKER_HOST: this.#host } } as const
    return execFileSync('docker', ['exec', `belt.${this.cluster}.${machine}`, ...argv], options).trim()
  }

  /** A machine whose container was made but never started, as after an interruption: the copy of a real one. */
  async leaveHalfMade(name: string): Promise<void> {
    const [outcome] = await this.driver().create([{ name, size: '256mb' }])
    if (!outcome?.ok) throw outcome?.error
    const container = this.docker.getContainer(outcome.machine.id)
    const { Name, Config, HostConfig, NetworkSettings } = await container.inspect()
    await container.remove({ force: true, v: true })
    const endpoints = Object.entries(NetworkSettings.Networks).map(([id, { IPAMConfig }]) => [
      id,
      { IPAMConfig },
    ])
    await this.docker.createContainer({
      name: Name.slice(1),
      ...Config,
      HostConfig,
      NetworkingConfig: { EndpointsConfig: Object.fromEntries(endpoints) },
    })
  }

  /** A container that has the name of a machine, or its place, but is none of Belt's. */
  async makeForeign(name: string, settings: Docker.ContainerCreateOptions = {}): Promise<Docker.Container> {
    return await this.docker.createContainer({
      name,
      Image: 'debian:bookworm-slim',
      Cmd: ['sleep', '600'],
      Labels: { 'test.cluster': this.cluster },
      ...settings,
    })
  }

  /** Runs a line over SSH with OpenSSH's client, which remembers each host key and refuses another. */
  async ssh({ ssh }: Machine, line: string): Promise<string> {
    const argv = [
      ['-i', this.privateKey, '-p', String(ssh?.port), '-l', String(ssh?.user)],
      [
        '-o',
        `UserKnownHostsFile=${join(this.#folder, 'known_hosts')}`,
        '-o',
        'StrictHostKeyChecking=accept-new',
      ],
      ['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=2', '-o', 'LogLevel=ERROR', String(ssh?.address), line],
    ]
    const attempt = () => promisify(execFile)('ssh', argv.flat())
    return (await retry(attempt, { deadlineMs: 30_000, everyMs: 200 })).stdout
  }

  async networks(): Promise<Docker.NetworkInspectInfo[]> {
    const networks = await this.docker.listNetworks()
    return networks.filter(({ Labels }) => Labels?.['belt.cluster']?.startsWith(this.cluster))
  }

  /** The names of the volumes of all machines. */
  async volumes(): Promise<string[]> {
    return (await this.#containers()).flatMap(({ Mounts }) => Mounts.flatMap(({ Name }) => Name ?? []))
  }

  /**
   * Removes everything of all clusters of the test. A create that was interrupted may still be going on in the engine,
   * which keeps its network in use: now and then for good, in Docker 20.10, without anything that could be disconnected.
   */
  async dispose(): Promise<void> {
    rmSync(this.#folder, { recursive: true, force: true })
    try {
      await retry(() => this.#removeAll(), { deadlineMs: 10_000, everyMs: 200 })
    } catch (error) {
      const isInUse = (error as { statusCode?: number }).statusCode === 403
      if (!isInUse || (await this.#containers()).length > 0) throw error
    }
  }

  async #removeAll(): Promise<void> {
    const containers = await this.#containers()
    await Promise.all(
      containers.map(({ Id }) => this.docker.getContainer(Id).remove({ force: true, v: true })),
    )
    await Promise.all((await this.networks()).map(({ Id }) => this.docker.getNetwork(Id).remove()))
  }

  async #containers(): Promise<Docker.ContainerInfo[]> {
    const containers = await this.docker.listContainers({ all: true })
    return containers.filter(
      ({ Labels }) =>
        Labels['belt.cluster']?.startsWith(this.cluster) || Labels['test.cluster'] === this.cluster,
    )
  }
}
