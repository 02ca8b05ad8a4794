import type { Algorithms } from 'ssh2'
import { quote } from '../../remote/command.ts'
import { HostError } from '../errors.ts'
import { fingerprint, type HostKey, hostKeyFrom, sameKey } from '../known-hosts/known-keys.ts'
import { algorithmsFor } from './algorithms.ts'
import type { SshOptions } from './options.ts'

/** Compares the key that a host presents on one connection with its known keys. */
export class HostKeyCheck {
  readonly algorithms: Algorithms
  /** Why the presented key was rejected. */
  problem: HostError | undefined
  readonly #name: string
  readonly #known: readonly HostKey[]
  readonly #options: SshOptions
  #shown: HostKey | undefined

  private constructor(name: string, known: readonly HostKey[], options: SshOptions) {
    this.#name = name
    this.#known = known
    this.#options = options
    this.algorithms = algorithmsFor(known)
  }

  /** @param name the name under which the host's keys are stored */
  static async of(name: string, options: SshOptions): Promise<HostKeyCheck> {
    return new HostKeyCheck(name, await options.knownHosts.keysOf(name), options)
  }

  /** Whether to continue the connection. Called before the host has proven that it owns the key. */
  accepts(wire: Buffer): boolean {
    this.#shown = hostKeyFrom(wire)
    if (this.#known.length > 0) this.problem = this.#mismatch(this.#known, this.#shown)
    else if (this.#options.hostKeyChecking === 'strict') this.problem = this.#unknown(this.#shown)
    return this.problem === undefined
  }

  /**
   * Stores a key seen for the first time, once the host has proven that it owns it.
   * @throws HostError `host-key` if another process has stored a different key under this name meanwhile
   */
  async remember(): Promise<void> {
    const { knownHosts } = this.#options
    if (!this.#shown || this.#known.length > 0) return
    await knownHosts.remember(this.#name, this.#shown)
    const problem = this.#mismatch(await knownHosts.keysOf(this.#name), this.#shown)
    if (problem) throw problem
  }

  #mismatch(known: readonly HostKey[], shown: HostKey): HostError | undefined {
    if (known.some(key => sameKey(key, shown))) return undefined
    const expected = known.map(describe).join(' or ')
    return new HostError(
      'host-key',
      this.#name,
      `the host key of ${this.#name} has changed: expected ${expected}, received ${describe(shown)}`,
      {
        hint:
          'Somebody may be intercepting the connection. If you replaced the machine, remove the old key: ' +
          `ssh-keygen -R ${quote(this.#name)} -f ${quote(this.#options.knownHosts.path)}`,
        details: { known: known.map(fingerprint), shown: fingerprint(shown) },
      },
    )
  }

  #unknown(shown: HostKey): HostError {
    return new HostError(
      'host-key',
      this.#name,
      `the host key of ${this.#name} is unknown: ${describe(shown)}`,
      {
        hint:
          'Compare it with the key on the console of the machine. To trust it: ' +
          `echo ${quote(`${this.#name} ${shown.type} ${shown.key}`)} >> ${quote(this.#options.knownHosts.path)}`,
        details: { shown: fingerprint(shown) },
      },
    )
  }
}

function describe(key: HostKey): string {
  return `${fingerprint(key)} (${key.type})`
}
