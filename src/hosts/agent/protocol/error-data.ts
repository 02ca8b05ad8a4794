import { BeltError, type BeltErrorOptions, reasonOf } from '../../../errors.ts'
import { HostError, type HostFailure } from '../../errors.ts'

interface ErrorData {
  readonly code: string
  readonly message: string
  readonly failure?: HostFailure
  readonly options: Omit<BeltErrorOptions, 'cause'>
  readonly cause?: string
}

/** An error as data, to send to another process. */
export function dataOf(error: unknown, host: string): ErrorData {
  if (!(error instanceof BeltError)) {
    return { code: 'unexpected', message: reasonOf(error), options: { host } }
  }
  const { code, message, hint, exitCode, details, cause } = error
  return {
    code,
    message,
    ...(error instanceof HostError && { failure: error.failure }),
    options: { host: error.host ?? host, exitCode, ...(hint && { hint }), ...(details && { details }) },
    ...(cause !== undefined && { cause: reasonOf(cause) }),
  }
}

/** The error that another process sent. */
export function errorFrom({ code, message, failure, options, cause }: ErrorData): BeltError {
  const all = { ...options, ...(cause !== undefined && { cause: new Error(cause) }) }
  return failure && options.host !== undefined
    ? new HostError(failure, options.host, message, all)
    : new BeltError(code, message, all)
}
