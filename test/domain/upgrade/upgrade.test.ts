import { describe, expect, it } from 'vitest'
import {
  parseUpgrade,
  phaseInWords,
  phasesOf,
  type Upgrade,
  upgradeText,
} from '../../../src/domain/upgrade/upgrade.ts'

const KINDS: Upgrade[] = [
  { kind: 'size', size: '16gb' },
  { kind: 'engine', version: '28.5.2' },
  { kind: 'reboot' },
  { kind: 'command', line: 'apt-get -y dist-upgrade' },
]

describe('an upgrade as text', () => {
  it.each(KINDS)('is read back: $kind', upgrade => {
    expect(parseUpgrade(upgradeText(upgrade))).toEqual(upgrade)
  })

  it.each(['', 'size', 'size ', 'shrink 1gb', 'engine '])('is none: "%s"', text => {
    expect(parseUpgrade(text)).toBeUndefined()
  })
})

describe('the steps of a node', () => {
  const node = {
    upgrade: KINDS[0] as Upgrade,
    role: 'manager',
    availability: 'active',
    isDone: false,
  } as const

  it('of a manager that is resized begin with its drain and end with its availability', () => {
    const outgoing = { ...node, removalMode: 'demote' as const }
    expect(phasesOf(outgoing).map(phase => phaseInWords(phase, outgoing))).toEqual([
      'drain',
      'demote',
      'shut down',
      'resize to 16gb',
      'start',
      'wait until it is back',
      'promote',
      'set to active again',
    ])
  })

  it('fetch an engine before the manager goes', () => {
    const outgoing = { ...node, upgrade: KINDS[1] as Upgrade, removalMode: 'demote' as const }
    expect(phasesOf(outgoing).map(phase => phaseInWords(phase, outgoing))).toEqual([
      'drain',
      'download engine 28.5.2',
      'demote',
      'install engine 28.5.2',
      'wait until it is back',
      'promote',
      'set to active again',
    ])
  })

  it('leave a drained node drained', () => {
    expect(
      phasesOf({ ...node, availability: 'drain', upgrade: { kind: 'reboot' }, removalMode: 'stop' }),
    ).toEqual(['reboot', 'wait until it is back'])
  })

  it('are only the way back when it is done already', () => {
    expect(phasesOf({ ...node, isDone: true, removalMode: undefined })).toEqual([
      'start',
      'wait until it is back',
      'promote',
      'restore',
    ])
  })

  it('promote what was demoted before an interruption', () => {
    expect(phasesOf({ ...node, upgrade: { kind: 'reboot' }, removalMode: undefined })).toContain('promote')
    expect(
      phasesOf({ ...node, role: 'worker', upgrade: { kind: 'reboot' }, removalMode: undefined }),
    ).not.toContain('promote')
  })
})
