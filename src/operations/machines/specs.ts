import { parseMemory } from '../../domain/memory.ts'
import { expand } from '../../domain/ranges.ts'
import type { MachineSpec } from '../../drivers/driver.ts'
import { usageError } from '../../errors.ts'
import type { Fleet } from '../fleet.ts'

/**
 * What `belt create` is asked to make.
 * @param words `[SIZE] [NODES...]`: a first word that is an amount of memory, or that stands before others, is the
 *   size; no words at all mean the nodes that the config declares
 * @throws a usage error for bad patterns, and where no size is known
 */
export function machineSpecs(
  fleet: Fleet,
  words: readonly string[],
  region: string | undefined,
): MachineSpec[] {
  if (words.length === 0) return declaredSpecs(fleet, region)
  const [first = '', ...others] = words
  const withSize = others.length > 0 || parseMemory(first) !== undefined
  const patterns = withSize ? others : words
  if (patterns.length === 0) {
    throw usageError('no-names', 'the names of the machines are missing', {
      hint: `belt create ${first} 'node[1:4]'`,
    })
  }
  const size = sizeOr(fleet, withSize ? first : undefined, patterns.join(','))
  return expand(patterns, fleet.driver.nameKind).map(name => ({
    name,
    size,
    ...(region !== undefined && { region }),
  }))
}

function declaredSpecs(fleet: Fleet, region: string | undefined): MachineSpec[] {
  if (fleet.declared.length === 0) {
    throw usageError('no-names', `the config of ${fleet.cluster} declares no nodes`, {
      hint: "say what to create, as in: belt create 1gb 'mg[0:2]'",
    })
  }
  return fleet.declared.flatMap(nodes => {
    const place = region ?? nodes.region
    const size = sizeOr(fleet, nodes.size, nodes.pattern)
    return expand(nodes.pattern, fleet.driver.nameKind).map(name => ({
      name,
      size,
      ...(place !== undefined && { region: place }),
    }))
  })
}

function sizeOr(fleet: Fleet, size: string | undefined, pattern: string): string {
  const chosen = size ?? fleet.defaultSize
  if (chosen !== undefined) return chosen
  throw usageError('no-size', `no size is given for ${pattern}, and the config has none`, {
    hint: `belt create 1gb '${pattern}'`,
  })
}
