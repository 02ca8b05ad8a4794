import { formatMemory, parseMemory } from '../../domain/memory.ts'
import { usageError } from '../../errors.ts'

/** MiB of the sizes that the families t2, t3, t3a and t4g have alike: https://aws.amazon.com/ec2/instance-types/t3/ */
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
 * The instance type that a size means: itself, or for an amount of memory the type of the family t3 that has it.
 * @throws a usage error that lists what there is
 */
export function instanceType(size: string): string {
  if (/^[a-z0-9-]+\.[a-z0-9-]+$/.test(size)) return size
  const memoryMiB = parseMemory(size)
  const match = Object.entries(MEMORY_MIB).find(([, mebibytes]) => mebibytes === memoryMiB)
  if (match) return `t3.${match[0]}`
  const amounts = Object.values(MEMORY_MIB).map(formatMemory).join(', ')
  throw usageError('bad-size', `EC2 has no size ${size}`, {
    hint: `an amount of memory is one of ${amounts}; or write an instance type, such as m7i.large`,
  })
}

/** In MiB, of the types whose memory is known without asking. */
export function memoryOf(type: string): number | undefined {
  const [, size] = /^t(?:2|3|3a|4g)\.(.+)$/.exec(type) ?? []
  return size === undefined ? undefined : MEMORY_MIB[size]
}

/** Types with a "g" after their generation have Graviton processors. */
export function architectureOf(type: string): 'arm64' | 'x86_64' {
  return /^[a-z]+\d+g[a-z]*\./.test(type) || type.startsWith('a1.') ? 'arm64' : 'x86_64'
}
