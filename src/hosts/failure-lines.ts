import { foldShort } from '../domain/ranges.ts'
import type { BeltError } from '../errors.ts'
import type { FailedAnswer } from './fan-out.ts'

/** Why a host failed, without its name at the beginning. */
export function reasonWithoutHost({ details, message }: BeltError, host: string): string {
  if (typeof details?.reason === 'string') return details.reason
  return message.startsWith(`${host}: `) ? message.slice(host.length + 2) : message
}

/** Reasons behind the names of their hosts, equal ones once. */
export function underNames(reasons: readonly { readonly host: string; readonly reason: string }[]): string[] {
  const hosts = new Map<string, string[]>()
  for (const { host, reason } of reasons) hosts.set(reason, [...(hosts.get(reason) ?? []), host])
  return [...hosts].map(([reason, names]) => `${foldShort(names)}: ${reason}`)
}

/** The messages of failures, equal causes once behind the names of their hosts. */
export function failureLines(failures: readonly FailedAnswer[]): string[] {
  const [only, ...more] = failures
  if (only && more.length === 0) return [only.error.message]
  return underNames(failures.map(({ host, error }) => ({ host, reason: reasonWithoutHost(error, host) })))
}
