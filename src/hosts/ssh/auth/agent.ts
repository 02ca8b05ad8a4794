import type { OpenSSHAgent, ParsedKey, SignCallback, SigningRequestOptions } from 'ssh2'
import { BaseAgent, createAgent } from '../ssh2.ts'

const ANSWER_MS = 5_000

/** An SSH agent. Its keys are listed once, not once per host. */
export class Agent extends BaseAgent<ParsedKey> {
  readonly keys: readonly ParsedKey[]
  readonly #agent: OpenSSHAgent

  private constructor(agent: OpenSSHAgent, keys: readonly ParsedKey[]) {
    super()
    this.#agent = agent
    this.keys = keys
  }

  /** @returns undefined if no agent answers within 5 s */
  static async at(socket: string): Promise<Agent | undefined> {
    const agent = createAgent(socket) as OpenSSHAgent
    const keys = await new Promise<ParsedKey[] | undefined>(resolve => {
      const timer = setTimeout(resolve, ANSWER_MS, undefined)
      agent.getIdentities((error, found) => {
        clearTimeout(timer)
        resolve(error ? undefined : (found as ParsedKey[]))
      })
    })
    return keys && new Agent(agent, keys)
  }

  /** The same agent with only this key; undefined if it does not hold the key. */
  holding(publicKey: Buffer): Agent | undefined {
    const key = this.keys.find(held => held.getPublicSSH().equals(publicKey))
    return key && new Agent(this.#agent, [key])
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
