import type { GroupChange } from '../../domain/quorum.ts'
import type { UpgradeRecord } from '../../domain/upgrade/record.ts'
import { currentTakeOutMode, type KnownTakeOutMode } from '../../domain/upgrade/take-out-mode.ts'
import type { Machine } from '../../drivers/driver.ts'
import { BeltError, reasonOf } from '../../errors.ts'
import type { Host } from '../../hosts/host.ts'
import { runChecked } from '../../hosts/run-checked.ts'
import { readNode, readNodes } from '../../queries/nodes.ts'
import { inContext } from '../../record.ts'
import { retry } from '../../retry.ts'
import { downloadEngine } from '../../steps/download-engine.ts'
import { installEngine } from '../../steps/install-engine.ts'
import { rebootHost } from '../../steps/reboot-host.ts'
import { setAvailability } from '../../steps/set-availability.ts'
import { perform } from '../../steps/step.ts'
import type { Fleet } from '../fleet.ts'
import { capability, type PowerChange, reboot, shutDown, startUp } from '../machines/power.ts'
import { changeRoleOf } from '../swarm/change-roles.ts'
import { assertMayLeaveGroup } from './limits.ts'
import { managerBeside, type UpgradeTarget } from './records.ts'

/** For commands of the user, such as an upgrade of the distribution. */
const COMMAND_TIMEOUT_MS = 1_800_000
const ELECTION_TIMEOUT_MS = 60_000
const LEADER_POLL_MS = 500

/** The actions of an upgrade on the machine of a node. */
export class MachineActions {
  readonly #fleet: Fleet
  readonly #record: UpgradeRecord
  #machine: Machine

  constructor(fleet: Fleet, { machine, record }: UpgradeTarget) {
    this.#fleet = fleet
    this.#record = record
    this.#machine = machine
  }

  /** The machine as it is now: a start may have changed its address. */
  get machine(): Machine {
    return this.#machine
  }

  get host(): Host {
    return this.#fleet.host(this.#machine)
  }

  shutDown(): Promise<void> {
    return this.#power(shutDown)
  }

  start(): Promise<void> {
    return this.#power(startUp)
  }

  async resize(): Promise<void> {
    const { signal, progress } = this.#fleet
    const resize = capability(this.#fleet, 'resize')
    const [outcome] = await resize([this.#machine], this.#upgrade('size').size, { signal, progress })
    if (outcome && !outcome.ok) throw outcome.error
    this.#machine = outcome?.machine ?? this.#machine
  }

  async download(): Promise<void> {
    await perform(downloadEngine(this.host, this.#upgrade('engine').version, this.#fleet.signal))
  }

  async install(): Promise<void> {
    await perform(installEngine(this.host, this.#upgrade('engine').version, this.#fleet))
  }

  async reboot(deadlineMs: number): Promise<void> {
    const step = rebootHost(this.host, this.#record.boot ?? '', {
      deadlineMs,
      reboot: this.#fleet.driver.reboot && (() => this.#power(reboot)),
      signal: this.#fleet.signal,
      clock: this.#fleet.clock,
    })
    await perform(step)
  }

  async runCommand(timeoutMs = COMMAND_TIMEOUT_MS): Promise<void> {
    const { signal } = this.#fleet
    const command = { shell: this.#upgrade('command').line }
    await inContext({ title: `Run the command of the upgrade on ${this.#machine.name}` }, () =>
      runChecked(this.host, command, { timeoutMs, signal }),
    )
  }

  #upgrade<K extends UpgradeRecord['upgrade']['kind']>(kind: K) {
    const { upgrade } = this.#record
    if (upgrade.kind !== kind) throw new Error(`an upgrade of ${upgrade.kind} has no action for ${kind}`)
    return upgrade as Extract<typeof upgrade, { kind: K }>
  }

  async #power(change: (fleet: Fleet, machines: readonly Machine[]) => Promise<PowerChange>): Promise<void> {
    const { machines, failures } = await change(this.#fleet, [this.#machine])
    if (failures[0]) throw failures[0].error
    this.#machine = machines[0] ?? this.#machine
  }
}

/** The actions of an upgrade on a node in its swarm. They go through another manager when there is one. */
export class SwarmActions {
  readonly #fleet: Fleet
  readonly #target: UpgradeTarget
  readonly #managers: () => readonly Machine[]

  /** @param managers the machines that may be managers, as they are now */
  constructor(fleet: Fleet, target: UpgradeTarget, managers: () => readonly Machine[]) {
    this.#fleet = fleet
    this.#target = target
    this.#managers = managers
  }

  async manager(): Promise<Host> {
    return (await managerBeside(this.#fleet, this.#managers(), this.#target.name)).host
  }

  /** How the node is taken out, by what the managers report now: the leader may have changed in the phases before. */
  async takeOutMode(): Promise<KnownTakeOutMode> {
    const { record, node } = this.#target
    if (record.role === 'worker' && node.role === 'worker') return 'none'
    return currentTakeOutMode(record.upgrade, await this.#nodes(), { id: node.id, role: record.role })
  }

  /**
   * Checks with the managers that the node may leave the Raft group, right before it does. Retries, because managers may
   * look unreachable for a moment after an election.
   */
  assertMayLeave(
    change: GroupChange,
    options: { deadlineMs?: number | undefined; onWait: (reason: string) => void },
  ): Promise<void> {
    const { deadlineMs = ELECTION_TIMEOUT_MS, onWait } = options
    return retry(async () => assertMayLeaveGroup(await this.#nodes(), this.#target.node.id, change), {
      deadlineMs: Math.min(deadlineMs, ELECTION_TIMEOUT_MS),
      everyMs: LEADER_POLL_MS,
      signal: this.#fleet.signal,
      clock: this.#fleet.clock,
      onRetry: error => onWait(reasonOf(error)),
    })
  }

  /** Demotes the node, which hands over the leadership, and waits until another manager is the leader. */
  async demote(machine: Machine): Promise<void> {
    await this.#changeRole(machine, 'worker')
    await retry(() => this.#assertOtherLeader(), {
      deadlineMs: ELECTION_TIMEOUT_MS,
      everyMs: LEADER_POLL_MS,
      signal: this.#fleet.signal,
      clock: this.#fleet.clock,
    })
  }

  promote(machine: Machine): Promise<void> {
    return this.#changeRole(machine, 'manager')
  }

  async restoreAvailability(): Promise<void> {
    const { node, record } = this.#target
    await perform(setAvailability(await this.manager(), node, record.availability, this.#fleet.signal))
  }

  /** Checks that the node is what it was. Its record may be removed only then, because nothing else tells what it was. */
  async assertRestored(): Promise<void> {
    const { name, node, record } = this.#target
    const { role, availability } = await readNode(await this.manager(), node, this.#fleet.signal)
    if (role === record.role && availability === record.availability) return
    throw new BeltError(
      'not-restored',
      `${name} is a ${role}, ${availability}, and was a ${record.role}, ${record.availability}`,
      { host: name, hint: 'somebody else may be changing it; belt swarm status shows its state' },
    )
  }

  async #nodes() {
    return readNodes(await this.manager(), this.#fleet.signal)
  }

  async #changeRole(machine: Machine, role: 'manager' | 'worker'): Promise<void> {
    const member = { ...this.#target, machine, unreachable: undefined }
    await changeRoleOf(this.#fleet, this.#managers(), member, role)
  }

  async #assertOtherLeader(): Promise<void> {
    const leader = (await this.#nodes()).find(({ isLeader }) => isLeader)
    if (leader && leader.id !== this.#target.node.id) return
    throw new BeltError('no-leader', 'no other manager has become the leader yet', {
      hint: 'belt swarm status shows the managers',
    })
  }
}
