import { inSeconds } from '../../domain/duration.ts'
import { quorumOf } from '../../domain/quorum.ts'
import { quote } from '../../domain/quote.ts'
import { fold } from '../../domain/ranges.ts'
import type { Machine } from '../../drivers/driver.ts'
import { BeltError, ExitCode, isDenied, precheckError } from '../../errors.ts'
import { foldReasons, reasonWithoutHost } from '../../hosts/failure-lines.ts'
import { type Answer, failedOf } from '../../hosts/fan-out.ts'
import type { Host } from '../../hosts/host.ts'
import type { ProgressTask } from '../../progress.ts'
import type { Membership } from '../../remote/swarm.ts'
import { retry } from '../../retry.ts'
import type { Fleet } from '../fleet.ts'
import { readMemberships } from './read-memberships.ts'

/** How long managers take at most to elect a new leader. Until then the quorum does not count as lost. */
const ELECTION_MS = 30_000
const ELECTION_POLL_MS = 2000
/** How long to look for a manager of a swarm that is said to be lost. */
const LOST_MS = 10_000

/** A manager that takes part in decisions, through which the swarm is read and changed. */
export interface Manager {
  readonly machine: Machine
  readonly host: Host
  readonly clusterId: string
}

/**
 * Finds a manager to talk to: the active host, or else any other manager. Waits for an election, unless too many
 * managers are known to be away.
 * @param except names of machines to leave out, because they are about to change
 * @throws a quorum error (exit code 5) if managers answer but make no decisions; a precheck error if none answers
 */
export async function findManager(
  fleet: Fleet,
  machines: readonly Machine[],
  except: readonly string[] = [],
): Promise<Manager> {
  let task: ProgressTask | undefined
  try {
    const manager = await retry(() => lookForManager(fleet, machines, except), {
      deadlineMs: ELECTION_MS,
      everyMs: ELECTION_POLL_MS,
      signal: fleet.signal,
      clock: fleet.clock,
      retryable: error => error instanceof LeaderlessError && error.mayPass,
      onRetry: () => {
        task ??= fleet.progress.start('Waiting for the managers to elect a leader')
      },
    })
    task?.done()
    return manager
  } catch (error) {
    task?.fail('there is none')
    throw error
  }
}

/**
 * The same for a swarm that the user says is lost: waits neither for an election nor for hosts that are silent.
 * @throws as `findManager`
 */
export async function findManagerSoon(fleet: Fleet, machines: readonly Machine[]): Promise<Manager> {
  const over = AbortSignal.timeout(LOST_MS)
  try {
    return await findManager({ ...fleet, signal: AbortSignal.any([fleet.signal, over]) }, machines)
  } catch (error) {
    if (!over.aborted || fleet.signal.aborted) throw error
    throw precheckError('no-manager', `no manager of ${fleet.cluster} answers within ${inSeconds(LOST_MS)}`)
  }
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
      if (active[0] && machine !== active[0]) noteOnce(fleet, active[0], machine, whyNot(answers[0]))
      return manager
    }
  }
  const excluded = machines.some(({ name }) => except.includes(name))
  throw noManager(fleet, answers, { off, excluded })
}

/** The runs that have noted already that the active host is skipped, by what they remember. */
const notedFor = new WeakSet<object>()

function noteOnce(fleet: Fleet, active: Machine, other: Machine, reason: string): void {
  if (notedFor.has(fleet.activeHost)) return
  notedFor.add(fleet.activeHost)
  fleet.progress.note(
    `${active.name} is not a working manager (${reason}); asking ${other.name} (belt active ${other.name} makes it the active host)`,
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
  if (!answer?.ok) return answer ? reasonWithoutHost(answer.error, answer.host) : 'not asked'
  return answer.value.error ?? (answer.value.state === 'active' ? 'a worker' : answer.value.state)
}

/** What all hosts have in common that fail as this one does. */
function kindOf(answer: Answer<Membership>): string {
  return answer.ok ? whyNot(answer) : answer.error.code
}

/** `off` are machines that were not asked because they are off, and `excluded` says whether a machine was left out. */
function noManager(
  fleet: Fleet,
  answers: readonly Answer<Membership>[],
  { off, excluded }: { readonly off: readonly string[]; readonly excluded: boolean },
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
  const isAllRead = !excluded && read.length === answers.length
  if (isAllRead && off.length === 0 && read.every(({ state }) => state === 'inactive')) {
    return precheckError('no-swarm', `no machine of ${fleet.cluster} is in a swarm`, {
      hint: 'belt swarm init NAME starts one',
    })
  }
  const group = raftGroupOf(read)
  if (group.answering > 0) return new LeaderlessError(fleet.cluster, group, isAllRead)
  const reasons = foldReasons([
    ...answers.map(answer => ({ name: answer.host, kind: kindOf(answer), reason: whyNot(answer) })),
    ...off.map(name => ({ name, kind: 'off', reason: 'switched off' })),
  ])
  const denial = failedOf(answers).find(({ error }) => isDenied(error))
  return precheckError('no-manager', `no manager of ${fleet.cluster} answers (${reasons.join('; ')})`, {
    hint: denial?.error.hint
      ? denial.error.hint
      : off.length > 0
        ? `belt start ${quote(fold(off))} starts those that are off; belt swarm status shows which machines are managers`
        : 'belt swarm status shows which machines are managers, and why they do not answer',
  })
}

/** Managers answer, but make no decisions. */
class LeaderlessError extends BeltError {
  /** Whether they may make decisions again without help. */
  readonly mayPass: boolean

  /** @param isAllRead whether every running machine was read; unread ones may be managers */
  constructor(cluster: string, { answering, known }: ManagersSeen, isAllRead: boolean) {
    const needed = quorumOf(known)
    const lacks = answering < needed
    super(lacks ? 'quorum-lost' : 'no-leader', leaderlessWords(cluster, { answering, known }, isAllRead), {
      exitCode: ExitCode.quorum,
      hint: 'bring its managers back with their old addresses; belt swarm status shows which are missing',
      details: { answering, known, needed },
    })
    this.mayPass = !lacks || !isAllRead
  }
}

function leaderlessWords(cluster: string, { answering, known }: ManagersSeen, isAllRead: boolean): string {
  const needed = quorumOf(known)
  if (answering >= needed)
    return `the swarm of ${cluster} has no leader, though ${answering} of ${known} managers answer`
  if (isAllRead)
    return `the swarm of ${cluster} has lost its quorum: ${answering} of ${known} managers answer, and it needs ${needed}`
  const know = answering === 1 ? 'knows' : 'know'
  return `the swarm of ${cluster} has no leader: ${answering} of ${known} managers could be asked and ${know} of none, and it needs ${needed}`
}

/** The managers as their hosts report them, which needs no leader. */
export interface ManagersSeen {
  /** Hosts that answer and take part in the Raft group. */
  readonly answering: number
  /** All managers that any member knows of. */
  readonly known: number
}

/** Whether a host takes part in a Raft group. A manager that restarts without a quorum stays `pending`. */
export function takesPart({ state, isManager }: Membership): boolean {
  return isManager && (state === 'active' || state === 'pending')
}

/** Counts managers by what the members report. */
export function raftGroupOf(memberships: readonly Membership[]): ManagersSeen {
  const answering = memberships.filter(takesPart)
  const known = new Set(memberships.flatMap(({ managers }) => managers.map(({ nodeId }) => nodeId)))
  for (const { nodeId } of answering) if (nodeId) known.add(nodeId)
  return { answering: answering.length, known: known.size }
}
