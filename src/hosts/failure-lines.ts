import { foldShort } from '../domain/ranges.ts'
import type { BeltError } from '../errors.ts'
import type { FailedAnswer } from './fan-out.ts'

/** Why a host failed, without its name at the beginning. */
export function reasonWithoutHost({ details, message }: BeltError, host: string): string {
  if (typeof details?.reason === 'string') return details.reason
  return withoutName(message, host)
}

/** Why a host failed. */
export interface HostReason {
  readonly name: string
  readonly reason: string
  /** The same for all hosts that fail alike (default: the reason). */
  readonly kind?: string
}

/** Why hosts failed, behind their names: hosts that fail alike share the reason of the first. */
export function foldReasons(hosts: readonly HostReason[]): string[] {
  const kinds = new Map<string, { readonly first: HostReason; readonly names: string[] }>()
  for (const host of hosts) {
    const group = kinds.get(host.kind ?? host.reason)
    if (group) group.names.push(host.name)
    else kinds.set(host.kind ?? host.reason, { first: host, names: [host.name] })
  }
  return [...kinds.values()].map(({ first: { name, reason }, names }) => {
    const own = withoutName(reason, name)
    return `${foldShort(names)}: ${names.length > 1 && own.includes(name) ? 'such as: ' : ''}${own}`
  })
}

function withoutName(reason: string, host: string): string {
  return reason.startsWith(`${host}: `) ? reason.slice(host.length + 2) : reason
}

/** The messages of failures, equal causes once behind the names of their hosts. */
export function failureLines(failures: readonly FailedAnswer[]): string[] {
  const [only, ...more] = failures
  if (only && more.length === 0) return [only.error.message]
  return foldReasons(
    failures.map(({ host, error }) => ({ name: host, reason: reasonWithoutHost(error, host) })),
  )
}
