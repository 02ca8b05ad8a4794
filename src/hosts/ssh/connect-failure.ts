import { reasonOf } from '../../errors.ts'
import { HostError, type HostFailure } from '../errors.ts'
import type { HostAddress } from '../host.ts'

/** How far a connection came: no TCP connection yet, no agreement on keys yet, no accepted login yet. */
export type Phase = 'connecting' | 'handshake' | 'login'

export interface FailedAttempt {
  readonly target: HostAddress
  readonly phase: Phase
  readonly timeoutMs: number
  /** True when the other side ended the connection. */
  readonly ended: boolean
  /** The keys that were tried, in words. */
  readonly tried: string
}

/** What ssh2 throws, and the sockets under it. */
interface SshError extends Error {
  readonly level?: string
  /** An errno, or the number of an SSH_MSG_DISCONNECT reason. */
  readonly code?: string | number
}

const BY_ERRNO: Record<string, HostFailure> = {
  ENOTFOUND: 'unresolved',
  EAI_AGAIN: 'unresolved',
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  EHOSTUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETUNREACH: 'unreachable',
  ETIMEDOUT: 'unreachable',
}

/** Says why a connection was not made, in the operator's terms. */
export function connectFailure(error: SshError | undefined, attempt: FailedAttempt): HostError {
  const failure = failureOf(error, attempt)
  const { target } = attempt
  const message = `cannot reach ${target.name} (${target.user}@${at(target)}): ${reason(failure, error, attempt)}`
  return new HostError(failure, target.name, message, { hint: hint(failure, target), cause: error })
}

/** The address and port as they are typed. */
export function at({ address, port }: Pick<HostAddress, 'address' | 'port'>): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

function failureOf(error: SshError | undefined, { phase, ended }: FailedAttempt): HostFailure {
  if (typeof error?.code === 'string' && BY_ERRNO[error.code]) return BY_ERRNO[error.code] as HostFailure
  if (error?.level === 'client-timeout') return 'unreachable'
  if (error?.level === 'client-authentication') return 'auth'
  // OpenSSH answers too many keys by a disconnect with the reason "protocol error"
  if (typeof error?.code === 'number') return phase === 'login' ? 'auth' : 'protocol'
  if (error === undefined || ended) return 'reset'
  return phase === 'connecting' ? 'failed' : 'protocol'
}

function reason(failure: HostFailure, error: SshError | undefined, attempt: FailedAttempt): string {
  switch (failure) {
    case 'unresolved':
      return `the name ${attempt.target.address} has no address (${error?.code})`
    case 'refused':
      return 'connection refused'
    case 'reset':
      return attempt.phase === 'login' ? 'it hung up during the login' : 'it hung up before the login'
    case 'auth':
      return `it does not accept the login; tried ${attempt.tried}`
    case 'protocol':
      return `what answers there is no SSH server that can be talked to (${reasonOf(error)})`
    case 'unreachable':
      return error?.level === 'client-timeout' ? silence(attempt) : `no route (${error?.code})`
    default:
      return reasonOf(error)
  }
}

function silence({ phase, timeoutMs }: FailedAttempt): string {
  const seconds = `${timeoutMs / 1000} s`
  if (phase === 'connecting') return `no answer within ${seconds}`
  const what = phase === 'handshake' ? 'no SSH handshake comes about' : 'the login is not answered'
  return `it connects, but ${what} within ${seconds}`
}

function hint(failure: HostFailure, target: HostAddress): string {
  switch (failure) {
    case 'unresolved':
      return `Check the address in the config and the name service: getent hosts ${target.address}`
    case 'refused':
      return `Check that the machine has booted and that sshd listens on port ${target.port}`
    case 'reset':
      return 'sshd may be starting, overloaded (MaxStartups) or blocking this address; try again, then see its log'
    case 'auth':
      return `Authorise a key: ssh-copy-id -p ${target.port} ${target.user}@${target.address}; or name another in ssh.private_key`
    case 'protocol':
      return `Check the address and the port: nc ${target.address} ${target.port} should greet with SSH-2.0`
    default:
      return `Check that the machine runs and that no firewall drops the port: nc -vz ${target.address} ${target.port}`
  }
}
