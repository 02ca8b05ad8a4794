import { describe, expect, it } from 'vitest'
import { foldReasons } from '../../../src/operations/swarm/fold-reasons.ts'

const unreachable = (name: string) => ({
  name,
  kind: 'host-unreachable',
  reason: `cannot reach ${name} (root@10.0.0.${name.slice(4)}:22): no answer within 3.1 s`,
})

describe('why hosts failed', () => {
  it('is told once for all that failed alike', () => {
    const hosts = Array.from({ length: 20 }, (_, index) => unreachable(`node${index + 1}`))
    expect(foldReasons([...hosts, { name: 'mg0', kind: 'a worker', reason: 'a worker' }])).toBe(
      'node[1:20]: such as: cannot reach node1 (root@10.0.0.1:22): no answer within 3.1 s; mg0: a worker',
    )
  })

  it('does not name a single host twice', () => {
    expect(foldReasons([{ name: 'm0', kind: 'engine-refused', reason: 'm0: permission denied' }])).toBe(
      'm0: permission denied',
    )
  })
})
