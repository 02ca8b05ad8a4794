import { HostError } from '../../errors.ts'
import type { KeyOptions } from '../options.ts'
import { type Identities, loadIdentities } from './identities.ts'

/** When a fleet refuses a login, hundreds of hosts refuse it at once: keys are not reloaded for each of them. */
const LEAST_AGE_MS = 1_000

interface Loaded {
  readonly identities: Promise<Identities>
  readonly at: number
  isRefused: boolean
}

/**
 * Loads the identities once for all hosts. Reloads them after a host refused them or loading failed, because the user may
 * have added a key meanwhile. Does not reload them if that could ask for a passphrase again.
 */
export class IdentityCache {
  readonly #options: KeyOptions
  #loaded: Loaded | undefined

  constructor(options: KeyOptions) {
    this.#options = options
  }

  /** Logs in. @throws what `login` throws; a precheck error if the keys cannot be loaded */
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
