import { reasonOf } from '../../errors.ts'
import { HostError, type HostFailure } from '../errors.ts'
import type { HostAddress } from '../host.ts'

/** What a connection is waiting for: the TCP connection, the SSH handshake, or the login. */
export type Phase = 'connecting' | 'handshake' | 'login'

export interface FailedAttempt {
  readonly target: HostAddress
  readonly phase: Phase
  readonly timeoutMs: number
  /** Whether the host closed the connection. */
  readonly ended: boolean
  /** A description of the keys that were tried. */
  readonly tried: string
}

/** An error from ssh2 or from its socket. */
interface SshError extends Error {
  readonly level?: string
  /** An errno, or the reason code of an SSH_MSG_DISCONNECT. */
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

/** The error for a connection that could not be made, with its reason and what to check. */
export function connectFailure(error: SshError | undefined, attempt: FailedAttempt): HostError {
  const failure = failureOf(error, attempt)
  const { target } = attempt
  const message = `cannot reach ${target.name} (${target.user}@${at(target)}): ${reason(failure, error, attempt)}`
  return new HostError(failure, target.name, message, { hint: hint(failure, target), cause: error })
}

/** The address and port, as they are written on a command line. */
export function at({ address, port }: Pick<HostAddress, 'address' | 'port'>): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

function failureOf(error: SshError | undefined, { phase, ended }: FailedAttempt): HostFailure {
  if (typeof error?.code === 'string' && BY_ERRNO[error.code]) return BY_ERRNO[error.code] as HostFailure
  if (error?.level === 'client-timeout') return 'unreachable'
  if (error?.level === 'client-authentication') return 'auth'
  // OpenSSH disconnects with the reason "protocol error" after too many keys.
  if (typeof error?.code === 'number') return phase === 'login' ? 'auth' : 'protocol'
  if (error === undefined || ended) return 'reset'
  return phase === 'connecting' ? 'failed' : 'protocol'
}

function reason(failure: HostFailure, error: SshError | undefined, attempt: FailedAttempt): string {
  switch (failure) {
    case 'unresolved':
      return `cannot resolve ${attempt.target.address} (${error?.code})`
    case 'refused':
      return 'connection refused'
    case 'reset':
      return attempt.phase === 'login'
        ? 'it closed the connection during login'
        : 'it closed the connection before login'
    case 'auth':
      return `login refused; tried ${attempt.tried}`
    case 'protocol':
      return `the server there does not speak SSH as expected (${reasonOf(error)})`
    case 'unreachable':
      return error?.level === 'client-timeout' ? silence(attempt) : `no route (${error?.code})`
    default:
      return reasonOf(error)
  }
}

function silence({ phase, timeoutMs }: FailedAttempt): string {
  const seconds = `${timeoutMs / 1000} s`
  if (phase === 'connecting') return `no answer within ${seconds}`
  const what = phase === 'handshake' ? 'the SSH handshake' : 'the login'
  return `connected, but ${what} did not finish within ${seconds}`
}

function hint(failure: HostFailure, target: HostAddress): string {
  switch (failure) {
    case 'unresolved':
      return `Check the address in the config and the DNS: getent hosts ${target.address}`
    case 'refused':
      return `Check that the machine has booted and that sshd listens on port ${target.port}`
    case 'reset':
      return 'sshd may be starting, overloaded (MaxStartups) or blocking your address; try again, or check its log'
    case 'auth':
      return `Authorize a key: ssh-copy-id -p ${target.port} ${target.user}@${target.address}, or set another one in ssh.private_key`
    case 'protocol':
      return `Check the address and the port: nc ${target.address} ${target.port} should print a line that starts with SSH-2.0`
    default:
      return `Check that the machine is running and that no firewall blocks the port: nc -vz ${target.address} ${target.port}`
  }
}
