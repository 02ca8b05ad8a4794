const CLUSTER = 'belt:cluster:'
const OPERATION = 'belt:operation:'

/** The tag of all droplets of a cluster, used to find them. */
export function clusterTag(cluster: string): string {
  return CLUSTER + cluster
}

export function operationTag(operation: string): string {
  return OPERATION + operation
}

/** @returns the id of the create that made a droplet, if it is tagged with one */
export function operationOfDroplet(tags: readonly string[]): string | undefined {
  return tags.find(tag => tag.startsWith(OPERATION))?.slice(OPERATION.length)
}
