import { foldShort } from '../../domain/ranges.ts'

export interface HostReason {
  readonly name: string
  /** The same for all hosts that fail alike. */
  readonly kind: string
  readonly reason: string
}

/** Why each host failed, on one line: hosts that fail alike share the reason of the first. */
export function foldReasons(hosts: readonly HostReason[]): string {
  const kinds = new Map<string, { readonly first: HostReason; readonly names: string[] }>()
  for (const host of hosts) {
    const group = kinds.get(host.kind)
    if (group) group.names.push(host.name)
    else kinds.set(host.kind, { first: host, names: [host.name] })
  }
  return [...kinds.values()]
    .map(({ first: { name, reason }, names }) => {
      const own = reason.startsWith(`${name}: `) ? reason.slice(name.length + 2) : reason
      return `${foldShort(names)}: ${names.length > 1 && own.includes(name) ? 'such as: ' : ''}${own}`
    })
    .join('; ')
}
