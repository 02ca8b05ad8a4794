import type { GroupChange } from '../../domain/quorum.ts'
import { currentRemovalMode, type RemovalMode } from '../../domain/upgrade/removal-mode.ts'
import type { Machine } from '../../drivers/driver.ts'
import { BeltError, reasonOf } from '../../errors.ts'
import type { Host } from '../../hosts/host.ts'
import { readNode, readNodes } from '../../queries/read-swarm.ts'
import { retry } from '../../retry.ts'
import { setAvailability } from '../../steps/set-availability.ts'
import { perform } from '../../steps/step.ts'
import type { Fleet } from '../fleet.ts'
import { changeRoleOf } from '../swarm/change-roles.ts'
import { type Charge, managerBeside } from './charges.ts'
import { assertMayLeaveGroup } from './leave-group.ts'

const ELECTION_TIMEOUT_MS = 60_000
const POLL_MS = 500

/** What an upgrade does to a node in its swarm, always through another manager where there is one. */
export class SwarmWork {
  readonly #fleet: Fleet
  readonly #charge: Charge
  readonly #managers: () => readonly Machine[]

  /** @param managers the machines that may be managers, as they are now */
  constructor(fleet: Fleet, charge: Charge, managers: () => readonly Machine[]) {
    this.#fleet = fleet
    this.#charge = charge
    this.#managers = managers
  }

  async manager(): Promise<Host> {
    return (await managerBeside(this.#fleet, this.#managers(), this.#charge.name)).host
  }

  /** How the node goes out: asked after the drain, which may take minutes in which the lead changes. */
  async removalMode(): Promise<RemovalMode | undefined> {
    const { record, node } = this.#charge
    if (record.role === 'worker' && node.role === 'worker') return undefined
    return currentRemovalMode(record.upgrade, await this.#nodes(), node.id)
  }

  /** Asks anew, right before a manager goes: after an election others seem not to answer for a moment. */
  refuseToGo(change: GroupChange, options: { deadlineMs?: number | undefined; onWait: Tell }): Promise<void> {
    const { deadlineMs = ELECTION_TIMEOUT_MS, onWait } = options
    return retry(async () => assertMayLeaveGroup(await this.#nodes(), this.#charge.node.id, change), {
      deadlineMs: Math.min(deadlineMs, ELECTION_TIMEOUT_MS),
      everyMs: POLL_MS,
      signal: this.#fleet.signal,
      onRetry: error => onWait(reasonOf(error)),
    })
  }

  /** The leadership is handed over by the demotion; that another manager has it is seen before the host is touched. */
  async demote(machine: Machine): Promise<void> {
    await this.#changeRole(machine, 'worker')
    await retry(() => this.#expectOtherLeader(), {
      deadlineMs: ELECTION_TIMEOUT_MS,
      everyMs: POLL_MS,
      signal: this.#fleet.signal,
    })
  }

  promote(machine: Machine): Promise<void> {
    return this.#changeRole(machine, 'manager')
  }

  async restore(): Promise<void> {
    const { node, record } = this.#charge
    await perform(setAvailability(await this.manager(), node, record.availability, this.#fleet.signal))
  }

  /** What the swarm keeps is what tells what a node was: it is forgotten only when the node is that again. */
  async expectAsBefore(): Promise<void> {
    const { name, node, record } = this.#charge
    const { role, availability } = await readNode(await this.manager(), node, this.#fleet.signal)
    if (role === record.role && availability === record.availability) return
    throw new BeltError(
      'not-restored',
      `${name} is a ${role}, ${availability}, and was a ${record.role}, ${record.availability}`,
      { host: name, hint: 'somebody else may be changing it; belt swarm status shows it' },
    )
  }

  async #nodes() {
    return readNodes(await this.manager(), this.#fleet.signal)
  }

  async #changeRole(machine: Machine, role: 'manager' | 'worker'): Promise<void> {
    const member = { ...this.#charge, machine, unreachable: undefined }
    await changeRoleOf(this.#fleet, this.#managers(), member, role)
  }

  async #expectOtherLeader(): Promise<void> {
    const leader = (await this.#nodes()).find(({ isLeader }) => isLeader)
    if (leader && leader.id !== this.#charge.node.id) return
    throw new BeltError('no-leader', 'no other manager has taken the lead yet', {
      hint: 'belt swarm status shows the managers',
    })
  }
}

type Tell = (what: string) => void
