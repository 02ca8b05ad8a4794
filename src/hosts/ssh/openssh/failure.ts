import { quote } from '../../../remote/command.ts'
import { HostError, type HostFailure } from '../../errors.ts'
import type { HostAddress } from '../../host.ts'
import { at } from '../connect-failure.ts'

/** What ssh prints when it cannot connect, in the order to look for it. */
const MESSAGES: readonly (readonly [RegExp, HostFailure])[] = [
  [/host key verification failed|host identification has changed|revoked/i, 'host-key'],
  [/permission denied \(|too many authentication failures/i, 'auth'],
  [/could not resolve hostname/i, 'unresolved'],
  [/connection refused/i, 'refused'],
  [/unable to negotiate|banner|protocol/i, 'protocol'],
  [/connection (closed|reset)|kex_exchange_identification|broken pipe/i, 'reset'],
  [/timed out|no route to host|network is unreachable|host is down/i, 'unreachable'],
]

/** The error for a connection that ssh could not make, with what ssh says. */
export function opensshFailure(target: HostAddress, messages: string, knownHosts: string): HostError {
  const lines = messages.split('\n').map(line => line.trim())
  const said = lines.filter(line => line && !/^@/.test(line)).join(' ')
  const failure = MESSAGES.find(([pattern]) => pattern.test(messages))?.[1] ?? 'failed'
  const reason = said || 'ssh ended without a message'
  const message = `cannot reach ${target.name} (${target.user}@${at(target)}): ${reason}`
  const changed = `If you replaced the machine, remove the old key: ssh-keygen -R ${quote(target.name)} -f ${quote(knownHosts)}`
  return new HostError(failure, target.name, message, {
    hint: failure === 'host-key' ? changed : hint(target),
  })
}

/** The error for a connection that ssh did not make in time. */
export function opensshSilent(target: HostAddress, timeoutMs: number): HostError {
  const message = `cannot reach ${target.name} (${target.user}@${at(target)}): no answer within ${timeoutMs / 1000} s`
  return new HostError('unreachable', target.name, message, { hint: hint(target) })
}

function hint({ address }: HostAddress): string {
  return `To see what ssh does: ssh -v ${address}`
}
