import type { Fleet } from '../fleet.ts'
import { type Creation, createMachines } from './create.ts'
import { createJoining, type JoiningCreation } from './create-joining.ts'
import { machineSpecs } from './specs.ts'

/** Which machines to create, and whether they join the swarm. */
export interface CreateRequest {
  /** `[SIZE] [NODES...]`, as `machineSpecs` reads them. */
  readonly words: readonly string[]
  /** One region is that of all machines; over several, the machines are spread. Empty: the config decides. */
  readonly regions: readonly string[]
  /** How long new machines may take to join as workers, in milliseconds; undefined: they do not join. */
  readonly joinTimeoutMs?: number | undefined
}

export interface RequestedCreation extends Creation, Partial<Omit<JoiningCreation, keyof Creation>> {
  /** How many machines were asked for. */
  readonly total: number
}

/**
 * Creates the machines that the words name, or else those that the config declares, and joins them to the swarm if
 * the request says so.
 * @throws as `machineSpecs`, `createMachines` and `createJoining`
 */
export async function createRequested(
  fleet: Fleet,
  { words, regions, joinTimeoutMs }: CreateRequest,
): Promise<RequestedCreation> {
  const isSpread = regions.length > 1
  const placed = isSpread ? { ...fleet, regions } : fleet
  const specs = machineSpecs(placed, words, isSpread ? undefined : regions[0])
  const creation = await (joinTimeoutMs === undefined
    ? createMachines(placed, specs)
    : createJoining(placed, specs, joinTimeoutMs))
  return { ...creation, total: specs.length }
}
