import { execFileSync } from 'node:child_process'
import type { TestCluster } from './cluster.ts'

/** What the engine's owner can do to the local machines of a cluster, without Belt and without SSH. */
export class MachineDoors {
  readonly #cluster: TestCluster
  readonly #env: NodeJS.ProcessEnv

  constructor(cluster: TestCluster, host: string) {
    this.#cluster = cluster
    this.#env = { ...process.env, DOCKER_HOST: host }
  }

  /** Ends machines as a power cut does; they can be started again. */
  kill(...machines: string[]): void {
    for (const machine of machines) this.#docker('kill', this.#id(machine))
  }

  /** Removes machines with all they had. */
  remove(...machines: string[]): void {
    for (const machine of machines) this.#docker('rm', '--force', '--volumes', this.#id(machine))
  }

  /** Holds a machine as it is: it answers nobody, and does not notice. */
  freeze(machine: string): void {
    this.#docker('pause', this.#id(machine))
  }

  thaw(machine: string): void {
    this.#docker('unpause', this.#id(machine))
  }

  /** Runs a shell line in a machine. @throws when it fails */
  exec(machine: string, line: string): string {
    return this.#docker('exec', this.#id(machine), 'sh', '-c', line)
  }

  /** Whether the engine of a machine runs. */
  engineRuns(machine: string): boolean {
    try {
      this.exec(machine, 'pgrep -x dockerd')
      return true
    } catch {
      return false
    }
  }

  #id(machine: string): string {
    const labels = [`label=belt.cluster=${this.#cluster.name}`, `label=belt.machine=${machine}`]
    return this.#docker('ps', '-aq', ...labels.flatMap(label => ['--filter', label]))
  }

  #docker(...args: string[]): string {
    return execFileSync('docker', args, { env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] })
      .toString()
      .trim()
  }
}
