import { reasonOf } from '../../errors.ts'
import { HostError, type HostFailure } from '../errors.ts'
import type { HostAddress } from '../host.ts'
import type { Identities } from './auth/identities.ts'
import type { AlgorithmKind, Greeting } from './offered-algorithms.ts'

/** What a connection is waiting for: the TCP connection, the SSH handshake, or the login. */
export type Phase = 'connecting' | 'handshake' | 'login'

export interface FailedAttempt {
  readonly target: HostAddress
  readonly phase: Phase
  readonly timeoutMs: number
  /** Whether the host closed the connection. */
  readonly ended: boolean
  /** The keys that were tried. */
  readonly identities: Pick<Identities, 'described' | 'count' | 'opensshHasMore'>
  /** The methods that the host asks for besides a key that it accepted. */
  readonly alsoAsked?: readonly string[] | undefined
  /** What the server said first. */
  readonly greeting: Greeting
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
  return new HostError(failure, target.name, message, { hint: hint(failure, error, attempt), cause: error })
}

/** The address and port, as they are written on a command line. */
export function at({ address, port }: Pick<HostAddress, 'address' | 'port'>): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

function failureOf(error: SshError | undefined, { phase, ended }: FailedAttempt): HostFailure {
  if (typeof error?.code === 'string' && BY_ERRNO[error.code]) return BY_ERRNO[error.code] as HostFailure
  if (error?.level === 'client-timeout') return 'unreachable'
  if (error?.level === 'client-authentication') return 'auth'
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
      return `login refused; ${refusal(error, attempt)}`
    case 'protocol':
      return (
        mismatch(error, attempt) ?? `the server there does not speak SSH as expected (${reasonOf(error)})`
      )
    case 'unreachable':
      return error?.level === 'client-timeout' ? silence(attempt) : `no route (${error?.code})`
    default:
      return reasonOf(error)
  }
}

function refusal(error: SshError | undefined, attempt: FailedAttempt): string {
  const { described } = attempt.identities
  if (attempt.alsoAsked) {
    const more = attempt.alsoAsked
      .map(method => (method === 'publickey' ? 'another key' : method))
      .join(' or ')
    return `it accepted a key and also asks for ${more}; tried ${described}`
  }
  return hungUp(error, attempt) ? `it hung up after several keys; offered ${described}` : `tried ${described}`
}

/** Whether the host ended the login because of too many keys. OpenSSH then disconnects with the reason "protocol error". */
function hungUp(error: SshError | undefined, { identities }: FailedAttempt): boolean {
  return typeof error?.code === 'number' && identities.count > 1
}

/** ssh2 names the kind of algorithm that failed only in its message. */
const MISMATCH = /no matching (key exchange|host key|(?:.->. )?(?:cipher|MAC))/

function mismatch(error: SshError | undefined, { greeting }: FailedAttempt): string | undefined {
  const kind = MISMATCH.exec(error?.message ?? '')?.[1]
    ?.split(/>. /)
    .at(-1) as AlgorithmKind | undefined
  return kind && `no common ${kind}: it offers ${greeting.offered(kind).join(', ') || 'none that is known'}`
}

function silence({ phase, timeoutMs }: FailedAttempt): string {
  const seconds = `${timeoutMs / 1000} s`
  if (phase === 'connecting') return `no answer within ${seconds}`
  const what = phase === 'handshake' ? 'the SSH handshake' : 'the login'
  return `connected, but ${what} did not finish within ${seconds}`
}

function hint(failure: HostFailure, error: SshError | undefined, attempt: FailedAttempt): string {
  const { target } = attempt
  switch (failure) {
    case 'unresolved':
      return `Check the address in the config and the DNS: getent hosts ${target.address}`
    case 'refused':
      return `Check that the machine has booted and that sshd listens on port ${target.port}`
    case 'reset':
      return 'sshd may be starting, overloaded (MaxStartups) or blocking your address; try again, or check its log'
    case 'auth':
      return loginHint(error, attempt)
    case 'protocol':
      return mismatch(error, attempt)
        ? "Set ssh.client: openssh, which has more algorithms, or allow another one in the host's sshd_config"
        : `Check the address and the port: nc ${target.address} ${target.port} should print a line that starts with SSH-2.0`
    default:
      return `Check that the machine is running and that no firewall blocks the port: nc -vz ${target.address} ${target.port}`
  }
}

function loginHint(error: SshError | undefined, attempt: FailedAttempt): string {
  const { target, identities, alsoAsked } = attempt
  if (alsoAsked)
    return `Belt logs in with keys only. Check AuthenticationMethods for ${target.user} in the host's sshd_config`
  if (hungUp(error, attempt))
    return 'A host accepts few tries (MaxAuthTries). Name the key to log in with in ssh.private_key'
  if (identities.opensshHasMore)
    return 'To log in with a certificate or a hardware key, set ssh.client: openssh'
  return `Authorize a key: ssh-copy-id -p ${target.port} ${target.user}@${target.address}, or set another one in ssh.private_key`
}
