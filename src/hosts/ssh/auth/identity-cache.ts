import { HostError } from '../../errors.ts'
import type { KeyOptions } from '../options.ts'
import { type Identities, loadIdentities } from './identities.ts'

/** A fleet that refuses a login refuses it hundreds of times at once. */
const LEAST_AGE_MS = 1_000

interface Loaded {
  readonly identities: Promise<Identities>
  readonly at: number
  isRefused: boolean
}

/**
 * What to log in with: found once for all hosts, and anew after it was refused or could not be had, because a key may
 * have come meanwhile. Who is asked for passphrases is not asked again.
 */
export class IdentityCache {
  readonly #options: KeyOptions
  #loaded: Loaded | undefined

  constructor(options: KeyOptions) {
    this.#options = options
  }

  /** Logs in. @throws what `login` does; a precheck error when there are keys and none can be used */
  async use<T>(login: (identities: Identities) => Promise<T>): Promise<T> {
    const loaded = this.#usable()
    const identities = await loaded.identities.catch(error => {
      loaded.isRefused = true
      throw error
    })
    try {
      return await login(identities)
    } catch (error) {
      if (error instanceof HostError && error.failure === 'auth') loaded.isRefused = true
      throw error
    }
  }

  #usable(): Loaded {
    const now = performance.now()
    const isOver =
      this.#loaded?.isRefused && now - this.#loaded.at > LEAST_AGE_MS && !this.#options.askPassphrase
    if (!this.#loaded || isOver)
      this.#loaded = { identities: loadIdentities(this.#options), at: now, isRefused: false }
    return this.#loaded
  }
}
