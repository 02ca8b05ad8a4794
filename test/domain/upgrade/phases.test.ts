import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  completingPhase,
  groupChangeIn,
  isNeeded,
  NODE_PHASES,
  PHASES,
  type PhaseContext,
  phaseOf,
  phasesOf,
  plannedTitles,
  WAVE_PHASES,
} from '../../../src/domain/upgrade/phases.ts'
import type { Upgrade } from '../../../src/domain/upgrade/upgrade.ts'

const SIZE: Upgrade = { kind: 'size', size: '16gb' }
const ENGINE: Upgrade = { kind: 'engine', version: '28.5.2' }
const REBOOT: Upgrade = { kind: 'reboot' }
const COMMAND: Upgrade = { kind: 'command', line: 'apt-get -y dist-upgrade' }

const node: PhaseContext = {
  upgrade: SIZE,
  role: 'manager',
  availability: 'active',
  takeOutMode: 'demote',
  isReturning: false,
}
const worker = { ...node, role: 'worker', takeOutMode: 'none' } as const
const idsOf = (context: PhaseContext) => phasesOf(context).map(({ id }) => id)

const anyContext: fc.Arbitrary<PhaseContext> = fc.record({
  upgrade: fc.constantFrom(SIZE, ENGINE, REBOOT, COMMAND),
  role: fc.constantFrom('manager' as const, 'worker' as const),
  availability: fc.constantFrom('active' as const, 'pause' as const, 'drain' as const),
  takeOutMode: fc.constantFrom(...(['demote', 'stop', 'outage', 'none', 'demoted', 'unchecked'] as const)),
  isReturning: fc.boolean(),
})

describe('the phases of an upgrade', () => {
  it('have one id each', () => {
    const ids = PHASES.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const phase of PHASES) expect(phaseOf(phase.id)).toBe(phase)
  })

  it('prepare, check, change and return, in this order', () => {
    expect([...new Set(PHASES.map(({ part }) => part))]).toEqual(['prepare', 'check', 'change', 'return'])
    const parts = PHASES.map(({ part }) => part)
    expect(parts.lastIndexOf('prepare')).toBeLessThan(parts.indexOf('check'))
    expect(parts.lastIndexOf('check')).toBeLessThan(parts.indexOf('change'))
    expect(parts.lastIndexOf('change')).toBeLessThan(parts.indexOf('return'))
  })

  it('run for a whole wave before they run for each node', () => {
    expect(PHASES.slice(-NODE_PHASES.length)).toEqual(NODE_PHASES)
    expect(PHASES.slice(0, -NODE_PHASES.length)).toEqual(WAVE_PHASES)
  })

  it('stop the engine only while the node is changed', () => {
    const stopping = PHASES.filter(({ stopsEngine }) => stopsEngine)
    expect(stopping.map(({ id }) => id)).toEqual(['shut-down', 'install', 'reboot', 'run'])
    expect(new Set(stopping.map(({ part }) => part))).toEqual(new Set(['change']))
  })

  it('may lose the node while it starts', () => {
    expect(PHASES.filter(({ mayLoseNode }) => mayLoseNode).map(({ id }) => id)).toEqual([
      'start',
      'await-back',
    ])
  })
})

describe('the phases of a node', () => {
  it('are shown for a manager that is resized, from its drain to its availability', () => {
    expect(plannedTitles(node)).toEqual([
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

  it('download an engine before the managers are checked, and the manager is demoted', () => {
    expect(idsOf({ ...node, upgrade: ENGINE })).toEqual([
      'take-out',
      'drain',
      'download',
      'check-managers',
      'demote',
      'install',
      'await-back',
      'promote',
      'restore',
    ])
    expect(plannedTitles({ ...node, upgrade: ENGINE })).toContain('download engine 28.5.2')
    expect(plannedTitles({ ...node, upgrade: ENGINE })).toContain('install engine 28.5.2')
  })

  it.each([
    ['size', SIZE, ['shut-down', 'resize']],
    ['engine', ENGINE, ['install']],
    ['reboot', REBOOT, ['reboot']],
    ['command', COMMAND, ['run']],
  ] as const)('change the node by the kind of upgrade: %s', (_, upgrade, expected) => {
    const changes = phasesOf({ ...worker, upgrade }).filter(({ part }) => part === 'change')
    expect(changes.map(({ id }) => id)).toEqual(expected)
  })

  it.each([
    ['demote', ['demote', 'reboot', 'await-back', 'promote']],
    ['stop', ['reboot', 'await-back']],
    ['outage', ['reboot', 'await-back']],
    ['demoted', ['reboot', 'await-back', 'promote']],
  ] as const)('demote and promote a manager by its take-out mode: %s', (takeOutMode, expected) => {
    const ids = idsOf({ ...node, upgrade: REBOOT, availability: 'drain', takeOutMode })
    expect(ids).toEqual(['take-out', 'check-managers', ...expected])
  })

  it('take a manager out of the Raft group by its demotion, or by each stop of its engine', () => {
    const changes = (takeOutMode: PhaseContext['takeOutMode']) => {
      const context = { ...node, upgrade: REBOOT, takeOutMode }
      return phasesOf(context).flatMap(phase => groupChangeIn(phase, context) ?? [])
    }
    expect(changes('demote')).toEqual(['demote-reachable'])
    expect(changes('stop')).toEqual(['stop'])
    expect(changes('demoted')).toEqual([])
    expect(changes('outage')).toEqual([])
    expect(changes('none')).toEqual([])
  })

  it('leave a drained node drained', () => {
    expect(plannedTitles({ ...node, availability: 'drain', upgrade: REBOOT, takeOutMode: 'stop' })).toEqual([
      'reboot',
      'wait until it is back',
    ])
  })

  it('only bring the node back once its upgrade is done or aborted', () => {
    expect(idsOf({ ...node, isReturning: true, takeOutMode: 'demoted' })).toEqual([
      'check-managers',
      'start',
      'await-back',
      'promote',
      'restore',
    ])
  })

  it('promote a manager that was demoted before an interruption, and no worker', () => {
    expect(idsOf({ ...node, takeOutMode: 'demoted' })).toContain('promote')
    expect(idsOf(worker)).not.toContain('promote')
  })
})

describe('the phases of any node', () => {
  it('keep the order of the table', () => {
    fc.assert(
      fc.property(anyContext, context => {
        const places = phasesOf(context).map(phase => PHASES.indexOf(phase))
        expect(places).toEqual(places.toSorted((a, b) => a - b))
      }),
    )
  })

  it('bring it back the same way, whether its upgrade goes on, is resumed or is aborted', () => {
    fc.assert(
      fc.property(anyContext, context => {
        const wayBack = (isReturning: boolean) =>
          phasesOf({ ...context, isReturning }).filter(({ part }) => part === 'return')
        expect(wayBack(true)).toEqual(wayBack(false))
        expect(wayBack(true).map(({ id }) => id)).toContain('await-back')
      }),
    )
  })

  it('neither drain nor change it when it is only returning', () => {
    fc.assert(
      fc.property(anyContext, context => {
        const parts = phasesOf({ ...context, isReturning: true }).map(({ part }) => part)
        expect(parts.filter(part => part === 'prepare' || part === 'change')).toEqual([])
      }),
    )
  })

  it('restore it exactly when they drain it, and promote it whenever they demote it', () => {
    fc.assert(
      fc.property(anyContext, context => {
        const ids = idsOf({ ...context, isReturning: false })
        expect(ids.includes('restore')).toBe(ids.includes('drain'))
        if (context.role === 'manager' && ids.includes('demote')) expect(ids).toContain('promote')
      }),
    )
  })

  it('are decided alike one by one and all together', () => {
    fc.assert(
      fc.property(anyContext, context => {
        expect(PHASES.filter(phase => isNeeded(phase, context))).toEqual(phasesOf(context))
      }),
    )
  })
})

describe('the phase that completes an upgrade', () => {
  it.each([
    [SIZE, 'resize'],
    [ENGINE, 'install'],
    [REBOOT, 'reboot'],
    [COMMAND, 'run'],
  ] as const)('is the last change: %o', (upgrade, id) => {
    expect(completingPhase({ ...node, upgrade })).toBe(id)
  })

  it('is the return of the only manager: nothing can be recorded while it is out', () => {
    expect(completingPhase({ ...node, upgrade: REBOOT, takeOutMode: 'outage' })).toBe('await-back')
  })

  it('does not exist when the node only has to come back', () => {
    expect(completingPhase({ ...node, isReturning: true })).toBeUndefined()
  })
})
