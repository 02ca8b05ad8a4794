import Docker from 'dockerode'
import { usageError } from '../../errors.ts'
import { reasonOf } from '../../errors.ts'
import { type EngineEndpoint, engineEndpoint } from './endpoint.ts'
import { engineError, engineTimeout } from './engine-error.ts'

const DEADLINE_MS = 60_000

export interface CallOptions {
  /** 60 s unless told. */
  deadlineMs?: number
  /** Ends the call itself; most calls are let through to their end, so that what they did is known. */
  signal?: AbortSignal | undefined
}

/** The user's Docker Engine. Every call has a deadline, and fails with an `EngineError`. */
export class Engine {
  readonly endpoint: EngineEndpoint
  readonly #docker: Docker

  constructor(host: string | undefined) {
    this.endpoint = engineEndpoint(host)
    try {
      this.#docker = new Docker(this.endpoint.connection)
    } catch (error) {
      // The client reads the certificates that DOCKER_CERT_PATH names.
      throw usageError('engine-options', `cannot use the Docker Engine at ${host}: ${reasonOf(error)}`)
    }
  }

  /**
   * @param what is done, for messages: "starting mg0"
   * @throws EngineError; the signal's reason when the caller's signal ended the call
   */
  async call<T>(
    what: string,
    request: (docker: Docker, abortSignal: AbortSignal) => Promise<T>,
    { deadlineMs = DEADLINE_MS, signal }: CallOptions = {},
  ): Promise<T> {
    const deadline = AbortSignal.timeout(deadlineMs)
    try {
      return await request(this.#docker, signal ? AbortSignal.any([deadline, signal]) : deadline)
    } catch (error) {
      signal?.throwIfAborted()
      if (deadline.aborted) throw engineTimeout(what, this.endpoint.url, deadlineMs)
      throw engineError(error, what, this.endpoint.url)
    }
  }
}
