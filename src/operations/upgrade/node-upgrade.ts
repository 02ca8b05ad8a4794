import type { GroupChange } from '../../domain/quorum.ts'
import type { RemovalMode } from '../../domain/upgrade/removal-mode.ts'
import { type Phase, phaseInWords, phasesOf } from '../../domain/upgrade/upgrade.ts'
import type { Machine } from '../../drivers/driver.ts'
import { reasonOf } from '../../errors.ts'
import { awaitBack } from '../../waits/await-back.ts'
import type { Fleet } from '../fleet.ts'
import { type Charge, keepRecord } from './charges.ts'
import { MachineWork } from './machine-work.ts'
import { stoppedAt } from './stopped.ts'
import { SwarmWork } from './swarm-work.ts'

/** A large machine checks its memory before it starts, and its engine may have many containers to start. */
const BACK_TIMEOUT_MS = 300_000

/** The steps after which what the upgrade is about has been done. */
const COMING_BACK: readonly Phase[] = ['start', 'wait until it is back', 'promote', 'restore']

/** The steps that leave a node what it is, and may take minutes, in which the lead changes. */
const PREPARING: readonly Phase[] = ['download']

/** The steps that may take a node's engine away. */
const STOPS: readonly Phase[] = ['shut down', 'install', 'reboot', 'run']

export interface NodeUpgradeOptions {
  /** The machines that may be managers. */
  readonly managers: readonly Machine[]
  /** The key that unlocks a manager, where the swarm has autolock. */
  readonly unlockKey: string | undefined
  /** The deadline of each wait; by its kind unless told. */
  readonly timeoutMs: number | undefined
}

/** The upgrade of one node that has been drained. */
export class NodeUpgrade {
  readonly #fleet: Fleet
  readonly #options: NodeUpgradeOptions
  readonly #machine: MachineWork
  readonly #swarm: SwarmWork
  #charge: Charge
  #removalMode: RemovalMode | undefined
  /** What is being done, in the words of a failure. */
  #step = ''

  constructor(fleet: Fleet, charge: Charge, options: NodeUpgradeOptions) {
    this.#fleet = fleet
    this.#options = options
    this.#machine = new MachineWork(fleet, charge)
    this.#swarm = new SwarmWork(fleet, charge, () => this.#managers())
    this.#charge = charge
  }

  /** Does what is left, and leaves the node as it was before. @throws with the state that the node is in */
  run(): Promise<void> {
    return this.#through(
      phase => phase !== 'drain',
      () => this.#note('finished'),
    )
  }

  /** Leaves the node as it was before, whether or not what the upgrade is about has been done. */
  back(): Promise<void> {
    return this.#through(
      phase => COMING_BACK.includes(phase),
      async () => {},
    )
  }

  async #through(isWanted: (phase: Phase) => boolean, conclude: () => Promise<void>): Promise<void> {
    try {
      const isPreparing = (phase: Phase) => PREPARING.includes(phase)
      await this.#performAll(phase => isWanted(phase) && isPreparing(phase))
      this.#step = 'look at the managers'
      this.#removalMode = await this.#swarm.removalMode()
      await this.#performAll(phase => isWanted(phase) && !isPreparing(phase))
      await this.#swarm.expectAsBefore()
      await conclude()
    } catch (error) {
      throw await stoppedAt(this.#fleet, [this.#charge], this.#managers(), this.#step, error)
    }
  }

  async #performAll(isWanted: (phase: Phase) => boolean): Promise<void> {
    for (const phase of this.#phases()) if (isWanted(phase)) await this.#perform(phase)
  }

  #phases(): Phase[] {
    return phasesOf(this.#outgoing())
  }

  #outgoing() {
    const { upgrade, role, availability, state } = this.#charge.record
    return { upgrade, role, availability, isDone: state === 'done', removalMode: this.#removalMode }
  }

  async #perform(phase: Phase): Promise<void> {
    this.#step = phase
    const task = this.#fleet.progress.start(`${this.#charge.name}: ${phaseInWords(phase, this.#outgoing())}`)
    const tell = (detail: string) => task.update(detail)
    try {
      if (this.#removalMode === 'stop' && STOPS.includes(phase)) await this.#refuseToGo('stop', tell)
      await this.#does[phase](tell)
      if (this.#isDoneAfter(phase)) await this.#note('done')
      task.done()
    } catch (error) {
      task.fail(reasonOf(error).split('\n')[0] ?? '')
      throw error
    }
  }

  readonly #does: Readonly<Record<Phase, (tell: (detail: string) => void) => Promise<unknown>>> = {
    drain: async () => {},
    download: () => this.#machine.download(),
    demote: tell => this.#demote(tell),
    'shut down': () => this.#machine.shutDown(),
    resize: () => this.#machine.resize(),
    start: () => this.#machine.start(),
    install: () => this.#machine.install(),
    reboot: () => this.#machine.reboot(this.#deadlineMs(BACK_TIMEOUT_MS)),
    run: () => this.#machine.runCommand(this.#options.timeoutMs),
    'wait until it is back': tell => this.#awaitBack(tell),
    promote: () => this.#swarm.promote(this.#machine.machine),
    restore: () => this.#swarm.restore(),
  }

  #deadlineMs(unlessTold: number): number {
    return this.#options.timeoutMs ?? unlessTold
  }

  /** Of the only manager nothing can be noted before it is back. */
  #isDoneAfter(phase: Phase): boolean {
    const last = this.#removalMode === 'outage' ? 'wait until it is back' : this.#lastDoing()
    return this.#charge.record.state !== 'done' && phase === last
  }

  #lastDoing(): Phase | undefined {
    return this.#phases().findLast(phase => !COMING_BACK.includes(phase))
  }

  async #note(state: 'done' | 'finished'): Promise<void> {
    const record = { ...this.#charge.record, state }
    this.#charge = await keepRecord(this.#fleet, await this.#swarm.manager(), this.#charge, record)
  }

  /** The machines that may be managers, its own as it is now. */
  #managers(): Machine[] {
    const { machine } = this.#machine
    return this.#options.managers.map(each => (each.name === machine.name ? machine : each))
  }

  #refuseToGo(change: GroupChange, onWait: (what: string) => void): Promise<void> {
    return this.#swarm.refuseToGo(change, { deadlineMs: this.#options.timeoutMs, onWait })
  }

  async #demote(tell: (detail: string) => void): Promise<void> {
    await this.#refuseToGo('demote-reachable', tell)
    await this.#swarm.demote(this.#machine.machine)
  }

  /** The only manager is its own witness: it may be locked, and its engine comes after its sshd. */
  #awaitBack(tell: (detail: string) => void): Promise<void> {
    const witness = async () => (this.#removalMode === 'outage' ? this.#machine.host : this.#swarm.manager())
    return awaitBack(this.#machine.host, witness, {
      deadlineMs: this.#deadlineMs(BACK_TIMEOUT_MS),
      unlockKey: this.#options.unlockKey,
      signal: this.#fleet.signal,
      onWait: tell,
    })
  }
}
