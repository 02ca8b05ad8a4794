import Docker from 'dockerode'
import { reasonOf, usageError } from '../../errors.ts'
import { type EngineEndpoint, engineEndpoint } from './endpoint.ts'
import { engineError, engineRefusal, engineTimeout } from './engine-error.ts'

const DEADLINE_MS = 60_000

export interface CallOptions {
  /** Default: 60 s. */
  deadlineMs?: number
  /** Aborts the call itself. Most calls are allowed to finish, so that their outcome is known. */
  signal?: AbortSignal | undefined
}

export interface EngineFacts {
  readonly OperatingSystem: string
  readonly SecurityOptions: readonly string[] | null
  readonly CgroupVersion?: string
  /** In bytes. */
  readonly MemTotal: number
}

/** A line of the output of a build or a pull. */
export interface StreamEvent {
  readonly stream?: string
  readonly error?: string
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
   * @param what the action, for messages: "starting mg0"
   * @throws EngineError; the signal's reason if it aborted the call
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

  /** Information about the engine and its host. */
  facts(): Promise<EngineFacts> {
    return this.call('reading its system information', (docker, abortSignal) => {
      // The client's types omit the options.
      const info = docker.info.bind(docker) as (options: { abortSignal: AbortSignal }) => Promise<EngineFacts>
      return info({ abortSignal })
    })
  }

  /**
   * Follows a build or pull to its end.
   * @throws EngineError, also for an error in the middle of the stream
   */
  follow(
    what: string,
    request: (docker: Docker, abortSignal: AbortSignal) => Promise<NodeJS.ReadableStream>,
    onEvent: (event: StreamEvent) => void,
    options: CallOptions,
  ): Promise<void> {
    const watch = async (docker: Docker, abortSignal: AbortSignal) => {
      for await (const line of linesOf(await request(docker, abortSignal))) {
        const event: StreamEvent = JSON.parse(line)
        if (event.error !== undefined) throw engineRefusal(event.error, what)
        onEvent(event)
      }
    }
    return this.call(what, watch, options)
  }
}

/** Not node:readline, which does not forward errors of the stream. */
async function* linesOf(stream: NodeJS.ReadableStream): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of stream.setEncoding('utf8')) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    yield* lines.filter(line => line.trim() !== '')
  }
}
