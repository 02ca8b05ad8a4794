import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  completingPhase,
  isNeeded,
  NODE_PHASES,
  type PhaseContext,
} from '../../../src/domain/upgrade/phases.ts'
import {
  currentTakeOutMode,
  groupChangesOf,
  type KnownTakeOutMode,
  silentBeside,
} from '../../../src/domain/upgrade/take-out-mode.ts'
import type { Upgrade } from '../../../src/domain/upgrade/upgrade.ts'
import { BeltError } from '../../../src/errors.ts'
import { checkRoles } from '../../../src/operations/swarm/change-roles.ts'
import {
  assertQuorumSurvives,
  assertSpareManager,
  groupOf,
} from '../../../src/operations/swarm/quorum-guard.ts'
import type { SwarmSelection } from '../../../src/operations/swarm/select-nodes.ts'
import { assertMayLeaveGroup } from '../../../src/operations/upgrade/limits.ts'
import { QuorumTaken, RaftModel } from '../../support/raft-model.ts'

/** What Belt does, with a pause wherever something may happen that is none of its doing, or it may be killed. */
type Doing = Generator<void, void>
type State = 'waiting' | 'out' | 'done' | 'finished'

interface Run {
  readonly raft: RaftModel
  readonly upgrade: Upgrade
  readonly allowOutage: boolean
  readonly records: Map<string, State>
}

const KINDS: Upgrade[] = [
  { kind: 'size', size: '16gb' },
  { kind: 'engine', version: '28.5.2' },
  { kind: 'reboot' },
  { kind: 'command', line: 'true' },
]

function stopUnless(isRight: boolean, why: string): void {
  if (!isRight) throw new BeltError('stopped', why)
}

function* begin(run: Run, ids: readonly string[]): Doing {
  const nodes = run.raft.read()
  const members = nodes.filter(({ id, role }) => ids.includes(id) && role === 'manager')
  const group = groupOf(nodes)
  if (!run.allowOutage) assertSpareManager(group)
  stopUnless(silentBeside(nodes, '').length === 0, 'a manager does not answer')
  assertQuorumSurvives(group, groupChangesOf(run.upgrade, members, group.managers))
  for (const { id } of members) run.records.set(id, 'waiting')
  yield
  yield* goOn(run)
}

function* goOn(run: Run): Doing {
  const { raft, records, allowOutage } = run
  for (;;) {
    const pending = [...records].filter(([, state]) => state !== 'finished')
    const out = pending.filter(([, state]) => state !== 'waiting')
    if (out.length === 0) stopUnless(silentBeside(raft.read(), '').length === 0, 'the swarm is not well')
    yield
    const nodes = raft.read()
    const isLeader = (id: string) => nodes.some(node => node.id === id && node.isLeader)
    const [id, state] = out[0] ?? pending.find(([each]) => !isLeader(each)) ?? pending[0] ?? []
    if (id === undefined) return records.clear()
    const { role, reachability } = raft.node(id)
    const isLeaving = state !== 'done' && role === 'manager' && reachability !== undefined
    if (isLeaving && !allowOutage) assertSpareManager(groupOf(nodes))
    if (state === 'waiting') records.set(id, 'out')
    yield
    yield* upgradeOne(run, id, false)
    records.set(id, 'finished')
    yield
  }
}

function* giveUp(run: Run): Doing {
  for (const [id, state] of run.records) {
    if (state === 'out' || state === 'done') yield* upgradeOne(run, id, true)
    run.records.delete(id)
    yield
  }
}

function* upgradeOne(run: Run, id: string, isAborting: boolean): Doing {
  const { raft, upgrade, records } = run
  let takeOutMode: KnownTakeOutMode = 'unchecked'
  const context = (): PhaseContext => ({
    ...{ upgrade, role: 'manager', availability: 'active', takeOutMode },
    isReturning: isAborting || records.get(id) === 'done',
  })
  for (const phase of NODE_PHASES) {
    if (!isNeeded(phase, context())) continue
    yield
    if (phase.stopsEngine && takeOutMode === 'stop') assertMayLeaveGroup(raft.read(), id, 'stop')
    if (phase.id === 'check-managers')
      takeOutMode = currentTakeOutMode(upgrade, raft.read(), { id, role: 'manager' })
    if (phase.id === 'demote') yield* demote(raft, id)
    if (phase.stopsEngine) takeDown(raft, id, takeOutMode === 'outage')
    if (phase.stopsEngine && phase.id !== 'shut-down') {
      yield
      raft.start(id)
    }
    if (phase.id === 'start') raft.start(id)
    if (phase.id === 'await-back') stopUnless(raft.isUp(id), 'it is not back')
    if (phase.id === 'promote') yield* promote(raft, id)
    if (phase.id === completingPhase(context()) && takeOutMode !== 'outage') records.set(id, 'done')
  }
  stopUnless(
    raft.read().some(node => node.id === id && node.role === 'manager'),
    'it is not what it was',
  )
}

/** That the only manager goes was accepted with --allow-outage. */
function takeDown(raft: RaftModel, id: string, isOutage: boolean): void {
  if (isOutage) raft.stop(id)
  else raft.byBelt(`${id} stopped`, () => raft.stop(id))
}

function* demote(raft: RaftModel, id: string): Doing {
  const nodes = raft.read()
  assertMayLeaveGroup(nodes, id, 'demote-reachable')
  yield* askToDemote(raft, id)
}

function* askToDemote(raft: RaftModel, id: string): Doing {
  const { reachability } = raft.node(id)
  if (reachability === undefined) return
  const change = reachability === 'reachable' ? 'demote-reachable' : 'demote-unreachable'
  assertQuorumSurvives(groupOf(raft.read()), [change])
  raft.askToDemote(id)
  yield
  raft.byBelt(`${id} demoted`, () => raft.settle())
  stopUnless(raft.node(id).reachability === undefined, 'the managers still count it among them')
}

function* promote(raft: RaftModel, id: string): Doing {
  raft.settle()
  const nodes = raft.read()
  const { role, reachability } = raft.node(id)
  if (role === 'manager') return
  stopUnless(reachability === undefined && raft.isUp(id), 'it cannot become a manager')
  const group = groupOf(nodes)
  assertQuorumSurvives(group, ['promote'])
  // From one manager to two there is no way round.
  if (group.managers === 1) raft.promote(id)
  else raft.byBelt(`${id} promoted`, () => raft.promote(id))
  yield
  raft.read()
}

/** `belt swarm promote`, `demote`, and `remove --unreachable`, which demotes. */
function* changeRoles(raft: RaftModel, ids: readonly string[], role: 'manager' | 'worker'): Doing {
  const nodes = raft.read()
  const members = ids.map(id => ({
    name: id,
    machine: undefined,
    node: raft.node(id),
    unreachable: undefined,
  }))
  checkRoles({ nodes, members } as unknown as SwarmSelection, role)
  for (const id of ids) {
    yield
    yield* role === 'manager' ? promote(raft, id) : askToDemote(raft, id)
  }
}

type Event = 'nothing' | 'lose' | 'return' | 'settle' | 'kill'

/** @returns whether it came to its end; `killed` when nobody goes on with it any more */
function live(doing: Doing, raft: RaftModel, events: Event[]): 'ended' | 'stopped' | 'killed' {
  try {
    while (!doing.next().done) {
      const event = events.shift() ?? 'nothing'
      if (event === 'kill') return 'killed'
      if (event === 'lose') raft.lose()
      if (event === 'return') raft.return()
      if (event === 'settle') raft.settle()
    }
    return 'ended'
  } catch (error) {
    if (error instanceof BeltError) return 'stopped'
    throw error
  }
}

const anySwarm = fc.record({
  managers: fc.integer({ min: 1, max: 9 }),
  leader: fc.nat(8),
  lost: fc.constantFrom(0, 0, 0, 1, 2, 4),
  workers: fc.nat(2),
})
const modelOf = ({
  managers,
  leader,
  lost,
  workers,
}: typeof anySwarm extends fc.Arbitrary<infer T> ? T : never) =>
  new RaftModel(managers, leader % managers, Math.min(lost, managers), workers)
const anyIds = fc.subarray(Array.from({ length: 11 }, (_, index) => `n${index}`))
const anyEvents = fc.array(
  fc.constantFrom<Event>(...Array(12).fill('nothing'), 'lose', 'return', 'return', 'settle', 'kill'),
  { maxLength: 60 },
)
const isNode = (raft: RaftModel) => (id: string) => raft.nodes.some(node => node.id === id)

describe('no step of Belt takes the quorum, in swarms of up to nine managers', () => {
  it('through an upgrade that is interrupted, resumed and given up, while managers are lost and return', () => {
    fc.assert(
      fc.property(
        anySwarm,
        fc.constantFrom(...KINDS),
        fc.boolean(),
        anyIds,
        anyEvents,
        fc.array(fc.constantFrom('resume', 'abort'), { maxLength: 4 }),
        (swarm, upgrade, allowOutage, ids, events, lives) => {
          const raft = modelOf(swarm)
          const run: Run = { raft, upgrade, allowOutage, records: new Map() }
          const left = [...events]
          live(begin(run, ids), raft, left)
          for (const next of lives) live(next === 'resume' ? goOn(run) : giveUp(run), raft, left)
        },
      ),
      { numRuns: 5000 },
    )
  })

  it('through promotions, demotions and removals, one after the other', () => {
    const anyChange = fc.record({ ids: anyIds, role: fc.constantFrom('manager' as const, 'worker' as const) })
    fc.assert(
      fc.property(anySwarm, fc.array(anyChange, { maxLength: 4 }), anyEvents, (swarm, changes, events) => {
        const raft = modelOf(swarm)
        const left = [...events]
        for (const { ids, role } of changes)
          live(changeRoles(raft, ids.filter(isNode(raft)), role), raft, left)
      }),
      { numRuns: 5000 },
    )
  })

  it('and yet an upgrade comes to its end where nothing happens, wherever it was killed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: 9 }),
        fc.nat(8),
        fc.constantFrom(...KINDS),
        anyIds,
        fc.nat(60),
        (managers, leader, upgrade, ids, killAt) => {
          const raft = new RaftModel(managers, leader % managers, 0, 0)
          const run: Run = { raft, upgrade, allowOutage: false, records: new Map() }
          const events: Event[] = [...Array<Event>(killAt).fill('nothing'), 'kill']
          const first = live(begin(run, ids), raft, events)
          expect(first === 'ended' ? first : live(goOn(run), raft, [])).toBe('ended')
          expect(groupOf(raft.nodes)).toEqual({ managers, reachable: managers })
          expect(run.records.size).toBe(0)
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('while a step that takes it is seen as such', () => {
    const raft = new RaftModel(3, 0, 1, 0)
    expect(() => raft.byBelt('n1 stopped', () => raft.stop('n1'))).toThrow(QuorumTaken)
  })
})
