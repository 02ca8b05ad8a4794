import type { OpenSSHAgent, ParsedKey, SignCallback, SigningRequestOptions } from 'ssh2'
import { BaseAgent, createAgent, parseKey } from '../ssh2.ts'
import { WireReader } from '../wire-reader.ts'
import { type HeldKey, heldKeys } from './held-keys.ts'

/** An SSH agent. Its keys are listed once, not once per host. */
export class Agent extends BaseAgent<ParsedKey> {
  readonly keys: readonly ParsedKey[]
  /** The types of the keys that Belt's SSH library cannot use, such as certificates. */
  readonly unusable: readonly string[]
  readonly #agent: OpenSSHAgent

  private constructor(agent: OpenSSHAgent, keys: readonly ParsedKey[], unusable: readonly string[] = []) {
    super()
    this.#agent = agent
    this.keys = keys
    this.unusable = unusable
  }

  /** @returns undefined if no agent answers within 5 s */
  static async at(socket: string): Promise<Agent | undefined> {
    const held = await heldKeys(socket)
    if (!held) return undefined
    const parsed = held.map(key => usable(key) ?? new WireReader(key.blob).text())
    return new Agent(
      createAgent(socket) as OpenSSHAgent,
      parsed.filter(key => typeof key !== 'string'),
      parsed.filter(key => typeof key === 'string'),
    )
  }

  /** The same agent with only this key; undefined if it does not hold the key. */
  holding(publicKey: Buffer): Agent | undefined {
    const key = this.keys.find(held => held.getPublicSSH().equals(publicKey))
    return key && new Agent(this.#agent, [key])
  }

  /** The same agent with these keys first, in their order, or with nothing else. */
  preferring(publicKeys: readonly Buffer[], nothingElse = false): Agent {
    const first = publicKeys.flatMap(key => this.holding(key)?.keys ?? [])
    const rest = nothingElse ? [] : this.keys
    return new Agent(this.#agent, [...new Set([...first, ...rest])], this.unusable)
  }

  override getIdentities(callback: (error: Error | undefined, keys?: ParsedKey[]) => void): void {
    callback(undefined, [...this.keys])
  }

  override sign(
    key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ): void {
    if (typeof options === 'function') this.#agent.sign(key, data, options)
    else this.#agent.sign(key, data, options, callback)
  }
}

function usable({ blob, comment }: HeldKey): ParsedKey | undefined {
  const key = parseKey(blob)
  return key instanceof Error ? undefined : Object.assign(key, { comment })
}
