import { quorumOf } from '../../domain/quorum.ts'
import { fold } from '../../domain/ranges.ts'
import type { Machine } from '../../drivers/driver.ts'
import { BeltError, ExitCode, precheckError } from '../../errors.ts'
import type { Answer } from '../../hosts/fan-out.ts'
import type { Host } from '../../hosts/host.ts'
import type { Membership } from '../../remote/swarm.ts'
import { retry } from '../../retry.ts'
import type { Fleet } from '../fleet.ts'
import { readMemberships } from './view.ts'

/** How long managers take at most to choose a new leader: until then nothing is lost. */
const ELECTION_MS = 30_000
const POLL_MS = 2000

/** A manager that takes part in decisions, and through which the swarm is asked and changed. */
export interface Manager {
  readonly machine: Machine
  readonly host: Host
  readonly clusterId: string
}

/**
 * Finds a manager to talk to: the active host where that is one, else any other machine that is. Waits while the
 * managers elect a leader.
 * @param except names of machines that it must not be, because they are about to be changed
 * @throws a quorum error (exit code 5) when managers answer but take no decisions; a precheck error when none answers
 */
export function findManager(
  fleet: Fleet,
  machines: readonly Machine[],
  except: readonly string[] = [],
): Promise<Manager> {
  return retry(() => lookForManager(fleet, machines, except), {
    deadlineMs: ELECTION_MS,
    everyMs: POLL_MS,
    signal: fleet.signal,
    retryable: error => error instanceof BeltError && error.code === 'no-leader',
  })
}

async function lookForManager(
  fleet: Fleet,
  machines: readonly Machine[],
  except: readonly string[],
): Promise<Manager> {
  const off = machines.filter(({ status }) => status === 'off').map(({ name }) => name)
  const candidates = machines.filter(({ name }) => !except.includes(name) && !off.includes(name))
  const activeName = await fleet.activeHost.get()
  const active = candidates.filter(machine => machine.name === activeName)
  const others = candidates.filter(machine => machine.name !== activeName)
  const answers: Answer<Membership>[] = []
  for (const group of [active, others]) {
    const answered = await readMemberships(fleet, group)
    answers.push(...answered)
    for (const [index, machine] of group.entries()) {
      const manager = asManager(fleet, machine, answered[index])
      if (!manager) continue
      if (active[0] && machine !== active[0]) tellOnce(fleet, active[0], machine, whyNot(answers[0]))
      return manager
    }
  }
  throw noManager(fleet, answers, { off, isAll: candidates.length === machines.length })
}

/** The runs, known by what they remember, that have been told that the active host is passed over. */
const told = new WeakSet<object>()

function tellOnce(fleet: Fleet, active: Machine, other: Machine, reason: string): void {
  if (told.has(fleet.activeHost)) return
  told.add(fleet.activeHost)
  fleet.progress.note(
    `${active.name} is no working manager (${reason}); asking ${other.name} (belt active ${other.name} makes it the active host)`,
  )
}

function asManager(
  fleet: Fleet,
  machine: Machine,
  answer: Answer<Membership> | undefined,
): Manager | undefined {
  if (!answer?.ok) return undefined
  const { state, isManager, error, clusterId } = answer.value
  if (state !== 'active' || !isManager || error || !clusterId) return undefined
  return { machine, host: fleet.host(machine), clusterId }
}

function whyNot(answer: Answer<Membership> | undefined): string {
  if (!answer?.ok) return answer?.error.message ?? 'not asked'
  return answer.value.error ?? (answer.value.state === 'active' ? 'a worker' : answer.value.state)
}

/** @param left which machines were not asked because they are off, and whether none was left out for any reason */
function noManager(
  fleet: Fleet,
  answers: readonly Answer<Membership>[],
  { off, isAll }: { readonly off: readonly string[]; readonly isAll: boolean },
): BeltError {
  if (answers.length === 0 && off.length === 0) {
    return precheckError(
      'no-manager',
      `no manager of ${fleet.cluster} is known: there is no machine to ask`,
      {
        hint: 'belt ls shows its machines',
      },
    )
  }
  const read = answers.flatMap(answer => (answer.ok ? [answer.value] : []))
  if (isAll && read.length === answers.length && read.every(({ state }) => state === 'inactive')) {
    return precheckError('no-swarm', `no machine of ${fleet.cluster} is in a swarm`, {
      hint: 'belt swarm init NAME starts one',
    })
  }
  const group = raftGroupOf(read)
  if (group.answering > 0) return leaderless(fleet, group)
  const reasons = [
    ...answers.map(answer => `${answer.host}: ${whyNot(answer)}`),
    ...off.map(name => `${name}: switched off`),
  ]
  return precheckError('no-manager', `no manager of ${fleet.cluster} answers (${reasons.join('; ')})`, {
    hint:
      off.length > 0
        ? `belt start '${fold(off)}' starts those that are off; belt swarm status shows which machines are managers`
        : 'belt swarm status shows which machines are managers, and what keeps them',
  })
}

function leaderless(fleet: Fleet, { answering, known }: ManagersSeen): BeltError {
  const needed = quorumOf(known)
  const lost = answering < needed
  const message = lost
    ? `the swarm of ${fleet.cluster} has lost its quorum: ${answering} of ${known} managers answer, and it needs ${needed}`
    : `the swarm of ${fleet.cluster} has no leader, though ${answering} of ${known} managers answer`
  return new BeltError(lost ? 'quorum-lost' : 'no-leader', message, {
    exitCode: ExitCode.quorum,
    hint: 'bring its managers back, with the addresses they had; belt swarm status shows which are missing',
    details: { answering, known, needed },
  })
}

/** The managers as their hosts tell, which needs no leader. */
export interface ManagersSeen {
  /** Hosts that answer and take part in the Raft group. */
  readonly answering: number
  /** All managers that any member knows of. */
  readonly known: number
}

/** Whether a host takes part in a Raft group: one that was started again without a quorum is `pending` for ever. */
export function takesPart({ state, isManager }: Membership): boolean {
  return isManager && (state === 'active' || state === 'pending')
}

/** Counts managers by what the members themselves say. */
export function raftGroupOf(memberships: readonly Membership[]): ManagersSeen {
  const answering = memberships.filter(takesPart)
  const known = new Set(memberships.flatMap(({ managers }) => managers.map(({ nodeId }) => nodeId)))
  for (const { nodeId } of answering) if (nodeId) known.add(nodeId)
  return { answering: answering.length, known: known.size }
}
