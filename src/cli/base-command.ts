import { Command, Errors } from '@oclif/core'
import { BeltError, ExitCode, usageError } from '../errors.ts'
import type { Fleet } from '../operations/fleet.ts'
import { command, commandLine } from '../remote/command.ts'
import { confirm } from '../ui/confirm.ts'
import { errorAsJson, renderError } from '../ui/error.ts'
import { exitCodeOf } from './exit-code.ts'
import { type GlobalFlags, globalFlags } from './flags.ts'
import { Interruption } from './interruption.ts'

/** What an operation reports of one target that failed while others did not. */
export interface Failure {
  readonly name: string
  readonly error: Error
}

/**
 * What all commands share: the global flags, `--json`, how failures are shown and which exit code they lead to, and
 * the cluster that the command works on. A command parses, calls one operation and returns its data.
 */
export abstract class BeltCommand extends Command {
  static override enableJsonFlag = true
  static override baseFlags = globalFlags

  protected readonly interruption = new Interruption()
  #close: (() => void) | undefined

  /** The cluster that the flags, the environment and the folder point to; closed when the command ends. */
  protected async openFleet(flags: GlobalFlags): Promise<Fleet> {
    const { openFleet } = await import('./open-fleet.ts')
    const { fleet, close } = await openFleet(flags, this.interruption.signal)
    this.#close = close
    return fleet
  }

  /**
   * The same for a command that changes the swarm: nobody else does meanwhile, from wherever.
   * @throws `locked` (exit code 6) when another does
   */
  protected async changeSwarm<T>(flags: GlobalFlags, work: (fleet: Fleet) => Promise<T>): Promise<T> {
    const { withLock } = await import('../operations/lock.ts')
    const words = [this.config.bin, ...(this.id ?? '').split(':'), ...this.argv]
    return withLock(await this.openFleet(flags), commandLine(command(...words)), work)
  }

  /** @throws a usage error when a command that takes any number of words got none */
  protected requireWords(words: readonly unknown[], message: string, hint: string): void {
    if (words.length === 0) throw usageError('missing-argument', message, { hint })
  }

  /** Asks before something is destroyed, unless `--yes` is given. */
  protected async confirm(question: string, flags: GlobalFlags): Promise<void> {
    if (!flags.yes) await confirm(question)
  }

  /** Writes data for people; nothing with `--json`, where the returned value is printed instead. */
  protected print(text: string): void {
    if (!this.jsonEnabled()) process.stdout.write(text)
  }

  /**
   * Shows what failed, one message per target, and sets the exit code: 4 when others succeeded, else the code of the
   * first failure.
   */
  protected reportFailures(failures: readonly Failure[], total: number): void {
    for (const { error } of failures) process.stderr.write(this.#rendered(error))
    if (failures.length === 0) return
    const first = failures[0]?.error
    const whole = first instanceof BeltError ? first.exitCode : ExitCode.failed
    process.exitCode = failures.length < total ? ExitCode.partial : whole
  }

  protected override async catch(error: Error): Promise<void> {
    if (error instanceof Errors.ExitError) throw error
    const shown =
      this.interruption.signal.aborted && error.name === 'AbortError'
        ? this.interruption.signal.reason
        : error
    process.exitCode = exitCodeOf(shown)
    if (this.jsonEnabled()) this.logJson(errorAsJson(shown))
    process.stderr.write(this.#rendered(shown))
  }

  protected override async finally(): Promise<void> {
    this.#close?.()
  }

  #rendered(error: Error): string {
    return renderError(error, { debug: this.argv.includes('--debug'), stream: process.stderr })
  }
}
