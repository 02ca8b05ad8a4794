import type { UpgradeRecord } from '../../domain/upgrade/record.ts'
import type { Machine } from '../../drivers/driver.ts'
import type { Host } from '../../hosts/host.ts'
import { runChecked } from '../../hosts/run-checked.ts'
import { inContext } from '../../record.ts'
import { downloadEngine } from '../../steps/download-engine.ts'
import { installEngine } from '../../steps/install-engine.ts'
import { rebootHost } from '../../steps/reboot-host.ts'
import { perform } from '../../steps/step.ts'
import type { Fleet } from '../fleet.ts'
import { capability, type PowerChange, reboot, shutDown, startUp } from '../machines/power.ts'
import type { Charge } from './charges.ts'

/** Commands of the operator's own, such as the upgrade of a distribution. */
const COMMAND_TIMEOUT_MS = 1_800_000

/** What an upgrade does to the machine of a node. */
export class MachineWork {
  readonly #fleet: Fleet
  readonly #record: UpgradeRecord
  #machine: Machine

  constructor(fleet: Fleet, { machine, record }: Charge) {
    this.#fleet = fleet
    this.#record = record
    this.#machine = machine
  }

  /** The machine as it is now: a start may have given it another address. */
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
    const [outcome] = await resize([this.#machine], this.#wanted('size').size, { signal, progress })
    if (outcome && !outcome.ok) throw outcome.error
    this.#machine = outcome?.machine ?? this.#machine
  }

  async download(): Promise<void> {
    await perform(downloadEngine(this.host, this.#wanted('engine').version, this.#fleet.signal))
  }

  async install(): Promise<void> {
    await perform(installEngine(this.host, this.#wanted('engine').version, this.#fleet.signal))
  }

  async reboot(deadlineMs: number): Promise<void> {
    const step = rebootHost(this.host, this.#record.boot ?? '', {
      deadlineMs,
      reboot: this.#fleet.driver.reboot && (() => this.#power(reboot)),
      signal: this.#fleet.signal,
    })
    await perform(step)
  }

  async runCommand(timeoutMs = COMMAND_TIMEOUT_MS): Promise<void> {
    const { signal } = this.#fleet
    const command = { run: { shell: this.#wanted('command').line } }
    await inContext({ title: `Run the command of the upgrade on ${this.#machine.name}` }, () =>
      runChecked(this.host, command, { timeoutMs, signal }),
    )
  }

  #wanted<K extends UpgradeRecord['upgrade']['kind']>(kind: K) {
    const { upgrade } = this.#record
    if (upgrade.kind !== kind) throw new Error(`an upgrade of the kind ${upgrade.kind} has no such step`)
    return upgrade as Extract<typeof upgrade, { kind: K }>
  }

  async #power(change: (fleet: Fleet, machines: readonly Machine[]) => Promise<PowerChange>): Promise<void> {
    const { machines, failures } = await change(this.#fleet, [this.#machine])
    if (failures[0]) throw failures[0].error
    this.#machine = machines[0] ?? this.#machine
  }
}
