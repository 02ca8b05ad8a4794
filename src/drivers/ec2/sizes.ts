import { formatMemory, parseMemory } from '../../domain/memory.ts'
import { usageError } from '../../errors.ts'

/** The memory in MiB of the sizes in the t2, t3, t3a and t4g families: https://aws.amazon.com/ec2/instance-types/t3/ */
const MEMORY_MIB: Readonly<Record<string, number>> = {
  nano: 512,
  micro: 1024,
  small: 2048,
  medium: 4096,
  large: 8192,
  xlarge: 16384,
  '2xlarge': 32768,
}

/**
 * The instance type for a size: the type itself, or the t3 type with that amount of memory.
 * @throws a usage error that lists the available amounts
 */
export function instanceType(size: string): string {
  if (/^[a-z0-9-]+\.[a-z0-9-]+$/.test(size)) return size
  const memoryMiB = parseMemory(size)
  const match = Object.entries(MEMORY_MIB).find(([, mebibytes]) => mebibytes === memoryMiB)
  if (match) return `t3.${match[0]}`
  const amounts = Object.values(MEMORY_MIB).map(formatMemory).join(', ')
  throw usageError('bad-size', `EC2 has no size ${size}`, {
    hint: `use one of ${amounts}, or an instance type such as m7i.large`,
  })
}

/** In MiB, for types that Belt knows without looking them up. */
export function memoryOf(type: string): number | undefined {
  const [, size] = /^t(?:2|3|3a|4g)\.(.+)$/.exec(type) ?? []
  return size === undefined ? undefined : MEMORY_MIB[size]
}

/** Types with a "g" after their generation have Graviton processors. */
export function architectureOf(type: string): 'arm64' | 'x86_64' {
  return /^[a-z]+\d+g[a-z]*\./.test(type) || type.startsWith('a1.') ? 'arm64' : 'x86_64'
}
