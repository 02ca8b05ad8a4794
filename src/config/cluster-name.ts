import { usageError } from '../errors.ts'

/** RFC 1035, 2.3.1: clusters' names go into labels, networks and host names. */
const DNS_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
/** Names that a file beside the clusters' folders has. */
const TAKEN = ['active']

/** Whether a cluster can bear this name. */
export function isClusterName(name: string): boolean {
  return DNS_LABEL.test(name) && !TAKEN.includes(name)
}

/** Throws `bad-cluster-name` when no cluster can bear this name. */
export function checkClusterName(name: string): void {
  if (isClusterName(name)) return
  const problem = TAKEN.includes(name) ? 'is taken by Belt' : 'cannot name a cluster'
  throw usageError('bad-cluster-name', `${JSON.stringify(name)} ${problem}`, {
    hint: `a name has at most 63 small letters, digits and dashes, such as ${clusterNameFrom(name)}`,
  })
}

/** The valid name nearest to a text such as a folder's name; `belt` when nothing of it can be used. */
export function clusterNameFrom(text: string): string {
  const label = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '')
    .slice(0, 63)
    .replace(/-$/, '')
  return isClusterName(label) ? label : 'belt'
}
