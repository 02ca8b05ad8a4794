import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readConstraint } from '../../../src/domain/swarm/constraint.ts'
import { healthNode } from '../../support/health-node.ts'

const node = healthNode('Node1', {
  id: 'id1',
  ip: '172.18.0.2',
  labels: { zone: 'a', 'belt.spare': 'true', Rack: 'r1' },
  engineLabels: { disk: 'ssd' },
})

describe('readConstraint', () => {
  it.each([
    ['node.labels.zone==a', 'yes'],
    ['node.labels.zone == b', 'no'],
    ['node.labels.zone!=b', 'yes'],
    ['node.labels.rack!=b', 'yes'],
    ['node.labels.rack==r1', 'no'],
    ['NODE.Labels.Rack==R1', 'yes'],
    ['node.labels.constructor==x', 'no'],
    ['node.labels.belt.spare==true', 'yes'],
    ['engine.labels.disk == ssd', 'yes'],
    ['node.role == manager', 'no'],
    ['Node.Role==Worker', 'yes'],
    ['node.hostname==node1', 'yes'],
    ['node.id!=id1', 'no'],
    ['node.platform.os == linux', 'yes'],
    ['node.platform.arch == x86_64', 'yes'],
    ['node.ip==172.18.0.2', 'yes'],
    ['node.ip!=172.18.0.2', 'no'],
    ['node.ip==172.18.0.0/16', 'yes'],
    ['node.ip!=172.18.0.0/16', 'no'],
    ['node.ip == 10.0.0.0/8', 'no'],
    ['node.ip==0.0.0.0/0', 'yes'],
    ['node.ip==2001:db8::/32', 'no'],
    ['node.ip==172.18.0.0/33', 'unknown'],
    ['node.ip==172.18', 'unknown'],
    ['node.type == mysql', 'unknown'],
    ['toString == x', 'unknown'],
    ['nonsense', 'unknown'],
  ])('%s: %s', (text, judgement) => {
    expect(readConstraint(text)(node)).toBe(judgement)
  })

  it('cannot judge the address of a node that the managers do not know', () => {
    expect(readConstraint('node.ip==172.18.0.0/16')({ ...node, ip: '' })).toBe('unknown')
    expect(readConstraint('node.ip!=172.18.0.0/16')({ ...node, ip: 'mg0' })).toBe('unknown')
  })

  it('never answers both operators alike, unless it cannot tell', () => {
    const keys = fc.constantFrom('node.ip', 'node.role', 'node.labels.zone', 'node.id', 'engine.labels.x')
    fc.assert(
      fc.property(keys, fc.oneof(fc.ipV4(), fc.string()), (key, value) => {
        fc.pre(!value.includes('='))
        const answers = [`${key}==${value}`, `${key}!=${value}`].map(text => readConstraint(text)(node))
        expect(answers).toSatisfy(
          ([equal, other]: string[]) => (equal === 'unknown') === (other === 'unknown'),
        )
        if (answers[0] !== 'unknown') expect(answers[0]).not.toBe(answers[1])
      }),
    )
  })
})
