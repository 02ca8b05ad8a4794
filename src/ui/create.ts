import { line } from '../domain/shown.ts'
import type { Machine } from '../drivers/driver.ts'
import type { RequestedCreation } from '../operations/machines/create-requested.ts'
import { machineTable } from './machines.ts'

/** What `belt create --json` prints. */
export interface CreatedDocument {
  readonly machines: readonly Machine[]
  readonly existing: readonly string[]
  readonly failed: readonly string[]
  /** With `--join` only. */
  readonly joined?: readonly string[]
  readonly tokenReplaced?: boolean
}

/** The machines, and a line for each that joined the swarm. */
export function createdText({ machines, joined = [] }: RequestedCreation): string {
  const lines = joined.map(name => line`${name}: This node joined a swarm as a worker.\n`)
  return `${machineTable(machines)}${lines.join('')}`
}

export function createdAsJson({
  machines,
  existing,
  failures,
  joined,
  tokenReplaced = false,
}: RequestedCreation): CreatedDocument {
  const created = { machines, existing, failed: failures.map(({ name }) => name) }
  return joined ? { ...created, joined, tokenReplaced } : created
}
