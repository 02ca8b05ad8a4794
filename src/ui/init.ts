import { line } from '../domain/shown.ts'
import type { SwarmStart } from '../operations/swarm/init.ts'

/** A line for the node that the swarm starts on. */
export function startLine({ node, address, changed }: SwarmStart): string {
  return line`${node}: ${changed ? 'started a swarm, advertising' : 'is a manager already, at'} ${address}\n`
}
