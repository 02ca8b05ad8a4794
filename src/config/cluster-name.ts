import { usageError } from '../errors.ts'

/** RFC 1035, 2.3.1: cluster names become part of labels, network names and host names. */
const DNS_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
/** Names of files that Belt keeps next to the cluster folders. */
const RESERVED = ['active']

/** Whether this is a valid cluster name. */
export function isClusterName(name: string): boolean {
  return DNS_LABEL.test(name) && !RESERVED.includes(name)
}

/** Throws `bad-cluster-name` if this is not a valid cluster name. */
export function checkClusterName(name: string): void {
  if (isClusterName(name)) return
  const problem = RESERVED.includes(name) ? 'is reserved by Belt' : 'is not a valid cluster name'
  throw usageError('bad-cluster-name', `${JSON.stringify(name)} ${problem}`, {
    hint: `use at most 63 lowercase letters, digits and hyphens, such as ${clusterNameFrom(name)}`,
  })
}

/** Turns a text such as a folder's name into a valid cluster name; `belt` if no part of it can be used. */
export function clusterNameFrom(text: string): string {
  const label = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '')
    .slice(0, 63)
    .replace(/-$/, '')
  return isClusterName(label) ? label : 'belt'
}
