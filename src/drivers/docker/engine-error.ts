import { BeltError, type BeltErrorOptions, ExitCode, reasonOf } from '../../errors.ts'

/** The Docker Engine did not answer, or returned an error. */
export class EngineError extends BeltError {
  /** The HTTP status; absent if there was no answer. */
  readonly status: number | undefined

  constructor(code: string, message: string, options: BeltErrorOptions & { status?: number } = {}) {
    super(code, message, options)
    this.status = options.status
  }
}

interface ClientError {
  code?: string
  statusCode?: number
  json?: { message?: string } | null
}

/**
 * Translates an error of the client into a message for the operator.
 * @param what was being done, such as "starting mg0"
 */
export function engineError(error: unknown, what: string, url: string): EngineError {
  if (error instanceof EngineError) return error
  const { code, statusCode: status, json } = (error ?? {}) as ClientError
  if (status !== undefined)
    return engineRefusal(json?.message ?? reasonOf(error), what, { status, cause: error })
  const options = { cause: error, exitCode: ExitCode.precheck }
  if (code === 'ENOENT' || code === 'ECONNREFUSED') {
    return new EngineError('engine-unreachable', `cannot connect to the Docker Engine at ${url}`, {
      ...options,
      hint: 'start the engine, or set DOCKER_HOST to the URL of a running one',
    })
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new EngineError(
      'engine-not-permitted',
      `permission denied while connecting to the Docker Engine at ${url}`,
      {
        ...options,
        hint: 'add yourself to the docker group (sudo usermod -aG docker $USER) and log in again, or use sudo',
      },
    )
  }
  return new EngineError(
    'engine-lost',
    `no answer from the Docker Engine at ${url} while ${what}: ${reasonOf(error)}`,
    { cause: error, hint: 'check that it is still running: docker info' },
  )
}

/** @param deadlineMs how long Belt waited for an answer */
export function engineTimeout(what: string, url: string, deadlineMs: number): EngineError {
  const seconds = Math.round(deadlineMs / 1000)
  return new EngineError(
    'engine-timeout',
    `the Docker Engine at ${url} did not answer within ${seconds} s while ${what}`,
    { hint: 'check whether it is overloaded: docker info' },
  )
}

/** @param message the engine's own words */
export function engineRefusal(
  message: string,
  what: string,
  { status, cause }: { status?: number; cause?: unknown } = {},
): EngineError {
  return new EngineError('engine-refused', `the Docker Engine failed ${what}: ${message.trim()}`, {
    cause,
    ...(status !== undefined && { status, details: { status } }),
    ...hintFor(message),
  })
}

/** The engine distinguishes these only by their message. */
function hintFor(message: string): { hint?: string } {
  if (/no space left on device/i.test(message)) {
    return { hint: 'free up disk space; docker system df shows what uses it' }
  }
  if (/overlaps|address pools/i.test(message)) {
    return {
      hint: 'set docker.subnet in the config to a range that no other network uses (docker network ls lists them)',
    }
  }
  return {}
}
