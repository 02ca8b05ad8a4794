const CLUSTER = 'belt:cluster:'
const OPERATION = 'belt:operation:'

/** The tag that all droplets of a cluster carry, and by which they are found. */
export function clusterTag(cluster: string): string {
  return CLUSTER + cluster
}

export function operationTag(operation: string): string {
  return OPERATION + operation
}

/** @returns the create that made a droplet, if its tags tell */
export function operationOf(tags: readonly string[]): string | undefined {
  return tags.find(tag => tag.startsWith(OPERATION))?.slice(OPERATION.length)
}
