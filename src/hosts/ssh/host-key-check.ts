import type { Algorithms } from 'ssh2'
import { quote } from '../../remote/command.ts'
import { HostError } from '../errors.ts'
import { fingerprint, type HostKey, hostKeyFrom, type Standing, sameKey } from '../known-hosts/known-keys.ts'
import { algorithmsFor } from './algorithms.ts'
import type { SshOptions } from './options.ts'

/** Compares the key that a host presents on one connection with what known_hosts says about it. */
export class HostKeyCheck {
  readonly algorithms: Algorithms
  /** Why the presented key was rejected. */
  problem: HostError | undefined
  readonly #name: string
  readonly #standing: Standing
  readonly #options: SshOptions
  #shown: HostKey | undefined

  private constructor(name: string, standing: Standing, options: SshOptions) {
    this.#name = name
    this.#standing = standing
    this.#options = options
    this.algorithms = algorithmsFor(standing.trusted)
  }

  /** @param name the name under which the host's keys are stored */
  static async of(name: string, options: SshOptions): Promise<HostKeyCheck> {
    return new HostKeyCheck(name, await options.knownHosts.standingOf(name), options)
  }

  /** Whether to continue the connection. Called before the host has proven that it owns the key. */
  accepts(wire: Buffer): boolean {
    this.#shown = hostKeyFrom(wire)
    this.problem = this.#problemOf(this.#shown, this.#standing)
    return this.problem === undefined
  }

  /**
   * Stores a key seen for the first time, once the host has proven that it owns it.
   * @throws HostError `host-key` if the file meanwhile says something else about the host
   */
  async remember(): Promise<void> {
    const { knownHosts } = this.#options
    if (!this.#shown || this.#standing.trusted.length > 0) return
    await knownHosts.remember(this.#name, this.#shown)
    const problem = this.#problemOf(this.#shown, await knownHosts.standingOf(this.#name))
    if (problem) throw problem
  }

  #problemOf(shown: HostKey, standing: Standing): HostError | undefined {
    if (standing.revoked.some(key => sameKey(key, shown))) return this.#revoked(shown)
    if (standing.trusted.some(key => sameKey(key, shown))) return undefined
    if (standing.trusted.length > 0) return this.#changed(shown, standing)
    if (standing.hasAuthority) return this.#uncertified(shown)
    return this.#options.hostKeyChecking === 'strict' ? this.#unknown(shown) : undefined
  }

  #revoked(shown: HostKey): HostError {
    return new HostError(
      'host-key',
      this.#name,
      `the host key of ${this.#name} is revoked: ${describe(shown)}`,
      {
        hint: `Give the host a new key. The old one has a @revoked line in ${this.#options.knownHosts.path}`,
        details: { shown: fingerprint(shown) },
      },
    )
  }

  #changed(shown: HostKey, { trusted, patternLine }: Standing): HostError {
    const { path } = this.#options.knownHosts
    const expected = trusted.map(describe).join(' or ')
    const remove =
      patternLine === undefined
        ? `remove the old key: ssh-keygen -R ${quote(this.#name)} -f ${quote(path)}`
        : `change line ${patternLine} of ${path}, which has a pattern for it`
    return new HostError(
      'host-key',
      this.#name,
      `the host key of ${this.#name} has changed: expected ${expected}, received ${describe(shown)}`,
      {
        hint: `Somebody may be intercepting the connection. If you replaced the machine, ${remove}`,
        details: { known: trusted.map(fingerprint), shown: fingerprint(shown) },
      },
    )
  }

  /** Belt's SSH library reads no certificates of hosts, so it cannot see whether this one has one. */
  #uncertified(shown: HostKey): HostError {
    const message = `cannot check the host key of ${this.#name}: a @cert-authority line stands for it, and certificates of host keys are not supported`
    return new HostError('host-key', this.#name, message, {
      hint: `Set ssh.client: openssh, or trust this key (${describe(shown)}) with a line of its own: ${this.#trusting(shown)}`,
      details: { shown: fingerprint(shown) },
    })
  }

  #unknown(shown: HostKey): HostError {
    return new HostError(
      'host-key',
      this.#name,
      `the host key of ${this.#name} is unknown: ${describe(shown)}`,
      {
        hint: `Compare it with the key on the console of the machine. To trust it: ${this.#trusting(shown)}`,
        details: { shown: fingerprint(shown) },
      },
    )
  }

  /** The command that makes a key known. */
  #trusting({ type, key }: HostKey): string {
    return `echo ${quote(`${this.#name} ${type} ${key}`)} >> ${quote(this.#options.knownHosts.path)}`
  }
}

function describe(key: HostKey): string {
  return `${fingerprint(key)} (${key.type})`
}
