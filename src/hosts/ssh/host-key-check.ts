import type { Algorithms } from 'ssh2'
import { quote } from '../../remote/command.ts'
import { HostError } from '../errors.ts'
import { fingerprint, type HostKey, hostKeyFrom, sameKey } from '../known-hosts/known-keys.ts'
import { algorithmsFor } from './algorithms.ts'
import type { SshOptions } from './options.ts'

/** Compares the key that a host shows on one connection with the keys known for it. */
export class HostKeyCheck {
  readonly algorithms: Algorithms
  /** Why the shown key was refused. */
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

  /** @param name the name that the host's keys are kept under */
  static async of(name: string, options: SshOptions): Promise<HostKeyCheck> {
    return new HostKeyCheck(name, await options.knownHosts.keysOf(name), options)
  }

  /** Whether the connection may go on; called before the host has proven that it owns the key. */
  accepts(wire: Buffer): boolean {
    this.#shown = hostKeyFrom(wire)
    if (this.#known.length > 0) this.problem = this.#mismatch(this.#known, this.#shown)
    else if (this.#options.hostKeyChecking === 'strict') this.problem = this.#unknown(this.#shown)
    return this.problem === undefined
  }

  /**
   * Remembers a key seen for the first time, once the host has proven that it owns it.
   * @throws HostError `host-key` when another process met another key under this name meanwhile
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
      `the host key of ${this.#name} has changed: known is ${expected}, shown was ${describe(shown)}`,
      {
        hint:
          'Somebody may be listening in. If the machine was replaced on purpose, forget the old key: ' +
          `ssh-keygen -R ${quote(this.#name)} -f ${quote(this.#options.knownHosts.path)}`,
        details: { known: known.map(fingerprint), shown: fingerprint(shown) },
      },
    )
  }

  #unknown(shown: HostKey): HostError {
    return new HostError(
      'host-key',
      this.#name,
      `the host key of ${this.#name} is not known: ${describe(shown)}`,
      {
        hint:
          'Compare it with what the machine shows on its console; to trust it: ' +
          `echo ${quote(`${this.#name} ${shown.type} ${shown.key}`)} >> ${quote(this.#options.knownHosts.path)}`,
        details: { shown: fingerprint(shown) },
      },
    )
  }
}

function describe(key: HostKey): string {
  return `${fingerprint(key)} (${key.type})`
}
