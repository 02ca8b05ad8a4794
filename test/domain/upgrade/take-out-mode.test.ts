import { describe, expect, it } from 'vitest'
import { quorumRefusal } from '../../../src/domain/quorum.ts'
import {
  currentTakeOutMode,
  type GroupNode,
  groupChangesOf,
  silentBeside,
  takeOutModeOf,
} from '../../../src/domain/upgrade/take-out-mode.ts'
import type { Upgrade } from '../../../src/domain/upgrade/upgrade.ts'

const KINDS: Upgrade[] = [
  { kind: 'size', size: '16gb' },
  { kind: 'engine', version: '28.5.2' },
  { kind: 'reboot' },
  { kind: 'command', line: 'apt-get -y dist-upgrade' },
]

describe('the way a manager goes out', () => {
  it('is demotion for a resize, for the leader, and where there are two', () => {
    expect(takeOutModeOf({ kind: 'size', size: '2gb' }, false, 3)).toBe('demote')
    expect(takeOutModeOf({ kind: 'reboot' }, true, 3)).toBe('demote')
    expect(takeOutModeOf({ kind: 'reboot' }, false, 2)).toBe('demote')
  })

  it('is a mere stop for followers, and an outage for the only one', () => {
    expect(takeOutModeOf({ kind: 'engine', version: '28' }, false, 3)).toBe('stop')
    expect(takeOutModeOf({ kind: 'size', size: '2gb' }, true, 1)).toBe('outage')
  })
})

describe('the way out of a node, as the managers see it now', () => {
  const reboot: Upgrade = { kind: 'reboot' }
  const node = (id: string, change: Partial<GroupNode> = {}): GroupNode => ({
    id,
    hostname: id,
    role: 'manager',
    isLeader: false,
    reachability: 'reachable',
    ...change,
  })

  it('follows the lead', () => {
    expect(
      currentTakeOutMode(reboot, [node('a', { isLeader: true }), node('b'), node('c')], {
        id: 'a',
        role: 'manager',
      }),
    ).toBe('demote')
    expect(
      currentTakeOutMode(reboot, [node('a'), node('b', { isLeader: true }), node('c')], {
        id: 'a',
        role: 'manager',
      }),
    ).toBe('stop')
  })

  it('is none for a worker, and known for a manager that is demoted already or gone', () => {
    const nodes = [node('a'), node('b', { role: 'worker', reachability: undefined })]
    expect(currentTakeOutMode(reboot, nodes, { id: 'b', role: 'worker' })).toBe('none')
    expect(currentTakeOutMode(reboot, nodes, { id: 'b', role: 'manager' })).toBe('demoted')
    expect(currentTakeOutMode(reboot, nodes, { id: 'c', role: 'manager' })).toBe('demoted')
  })

  it('is demotion for one whose demotion has not come to its end', () => {
    const nodes = [node('a', { role: 'worker' }), node('b', { isLeader: true }), node('c')]
    expect(currentTakeOutMode(reboot, nodes, { id: 'a', role: 'manager' })).toBe('demote')
  })

  it('is barred by any other manager that does not answer, and by no worker', () => {
    const nodes = [
      node('a', { reachability: 'unreachable' }),
      node('b', { reachability: 'unknown' }),
      node('c', { role: 'worker', reachability: undefined }),
      node('d'),
    ]
    expect(silentBeside(nodes, 'a').map(({ id }) => id)).toEqual(['b'])
  })
})

describe('the quorum through an upgrade', () => {
  it('lets every kind of upgrade pass through three managers and more, all of which answer', () => {
    for (let managers = 3; managers <= 9; managers++) {
      const nodes = Array.from({ length: managers }, (_, index) => ({ isLeader: index === managers - 1 }))
      for (const upgrade of KINDS)
        expect(
          quorumRefusal({ managers, reachable: managers }, groupChangesOf(upgrade, nodes, managers)),
        ).toBeUndefined()
    }
  })

  it('refuses to stop a manager that the others cannot do without, in numbers', () => {
    expect(quorumRefusal({ managers: 3, reachable: 2 }, ['stop', 'return'])).toBe(
      '2 of 3 managers answer; with one stopped, 1 of 3 would answer, and the swarm needs 2',
    )
  })
})
