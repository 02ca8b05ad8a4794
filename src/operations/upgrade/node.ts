import {
  completingPhase,
  groupChangeIn,
  isNeeded,
  NODE_PHASES,
  type NodePhaseId,
  type PhaseContext,
  phaseTitle,
  type UpgradePhase,
} from '../../domain/upgrade/phases.ts'
import { phaseContextOf } from '../../domain/upgrade/record.ts'
import type { KnownTakeOutMode } from '../../domain/upgrade/take-out-mode.ts'
import type { Machine } from '../../drivers/driver.ts'
import { reasonOf } from '../../errors.ts'
import { awaitBack } from '../../waits/await-back.ts'
import type { Fleet } from '../fleet.ts'
import { MachineActions, SwarmActions } from './actions.ts'
import { failureInPhase } from './failure.ts'
import { saveRecord, type UpgradeTarget } from './records.ts'

/** A large machine checks its memory before it boots, and its engine may have many containers to start. */
const BACK_TIMEOUT_MS = 300_000

export interface NodeUpgradeOptions {
  /** The machines that may be managers. */
  readonly managers: readonly Machine[]
  /** The key that unlocks a manager, in a swarm with autolock. */
  readonly unlockKey: string | undefined
  /** The deadline of each wait; every kind of wait has its own default. */
  readonly timeoutMs: number | undefined
}

/** Tells what a phase is waiting for. */
type OnWait = (reason: string) => void

/** The upgrade of one node, after its wave has been drained. */
export class NodeUpgrade {
  readonly #fleet: Fleet
  readonly #options: NodeUpgradeOptions
  readonly #machine: MachineActions
  readonly #swarm: SwarmActions
  #target: UpgradeTarget
  #takeOutMode: KnownTakeOutMode = 'unchecked'

  constructor(fleet: Fleet, target: UpgradeTarget, options: NodeUpgradeOptions) {
    this.#fleet = fleet
    this.#options = options
    this.#machine = new MachineActions(fleet, target)
    this.#swarm = new SwarmActions(fleet, target, () => this.#managers())
    this.#target = target
  }

  /** What each phase does. */
  readonly #actions: Readonly<Record<NodePhaseId, (onWait: OnWait) => Promise<unknown>>> = {
    download: () => this.#machine.download(),
    'check-managers': async () => {
      this.#takeOutMode = await this.#swarm.takeOutMode()
    },
    demote: () => this.#swarm.demote(this.#machine.machine),
    'shut-down': () => this.#machine.shutDown(),
    resize: () => this.#machine.resize(),
    install: () => this.#machine.install(),
    reboot: () => this.#machine.reboot(this.#options.timeoutMs ?? BACK_TIMEOUT_MS),
    run: () => this.#machine.runCommand(this.#options.timeoutMs),
    start: () => this.#machine.start(),
    'await-back': onWait => this.#awaitBack(onWait),
    promote: () => this.#swarm.promote(this.#machine.machine),
    restore: () => this.#swarm.restoreAvailability(),
  }

  /**
   * Runs the phases that the node still needs, and restores the node. Of an upgrade that is being aborted, those
   * are only the phases that bring the node back.
   * @throws the failure of a phase, with the state of the node
   */
  async run(): Promise<void> {
    let current: NodePhaseId = 'check-managers'
    try {
      for (const phase of NODE_PHASES) {
        if (!isNeeded(phase, this.#context())) continue
        current = phase.id
        await this.#perform(phase)
      }
      await this.#swarm.assertRestored()
      if (!this.#target.record.isAborting) await this.#saveState('finished')
    } catch (error) {
      throw await failureInPhase(this.#fleet, [this.#target], this.#managers(), current, error)
    }
  }

  /** Changes while the node is upgraded: what the node still needs is decided before each phase. */
  #context(): PhaseContext {
    return phaseContextOf(this.#target.record, this.#takeOutMode)
  }

  async #perform(phase: UpgradePhase<NodePhaseId>): Promise<void> {
    if (phase.isHidden) return void (await this.#actions[phase.id](() => {}))
    const task = this.#fleet.progress.start(`${this.#target.name}: ${phaseTitle(phase, this.#context())}`)
    const onWait = (reason: string) => task.update(reason)
    try {
      const change = groupChangeIn(phase, this.#context())
      if (change) await this.#swarm.assertMayLeave(change, { deadlineMs: this.#options.timeoutMs, onWait })
      await this.#actions[phase.id](onWait)
      if (this.#isDoneAfter(phase)) await this.#saveState('done')
      task.done()
    } catch (error) {
      task.fail(reasonOf(error).split('\n')[0] ?? '')
      throw error
    }
  }

  #isDoneAfter({ id }: UpgradePhase): boolean {
    return this.#target.record.state !== 'done' && id === completingPhase(this.#context())
  }

  async #saveState(state: 'done' | 'finished'): Promise<void> {
    const record = { ...this.#target.record, state }
    this.#target = await saveRecord(this.#fleet, await this.#swarm.manager(), this.#target, record)
  }

  /** The machines that may be managers, including the machine of the node as it is now. */
  #managers(): Machine[] {
    const { machine } = this.#machine
    return this.#options.managers.map(each => (each.name === machine.name ? machine : each))
  }

  /** A sole manager is asked about itself. It may be locked, and its engine starts after its sshd. */
  #awaitBack(onWait: OnWait): Promise<void> {
    const findManager = async () =>
      this.#takeOutMode === 'outage' ? this.#machine.host : this.#swarm.manager()
    return awaitBack(this.#machine.host, findManager, {
      deadlineMs: this.#options.timeoutMs ?? BACK_TIMEOUT_MS,
      unlockKey: this.#options.unlockKey,
      signal: this.#fleet.signal,
      clock: this.#fleet.clock,
      onWait,
    })
  }
}
