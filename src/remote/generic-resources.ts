import type { EngineObject } from './engine-json.ts'

/**
 * Counts the generic resources that a node has or a service reserves, by kind. A kind is either counted (`fpga=3`) or named
 * one by one (`gpu=g1`, `gpu=g2`); a service always reserves a number.
 */
export function genericResources(printed: EngineObject): Record<string, number> {
  const counts = new Map<string, number>()
  for (const resource of printed.objects('GenericResources')) {
    const named = resource.has('NamedResourceSpec')
    const spec = resource.object(named ? 'NamedResourceSpec' : 'DiscreteResourceSpec')
    const kind = spec.text('Kind')
    counts.set(kind, (counts.get(kind) ?? 0) + (named ? 1 : spec.count('Value')))
  }
  return Object.fromEntries(counts)
}
