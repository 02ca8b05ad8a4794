import { Command, Errors } from '@oclif/core'
import { BeltError, ExitCode, usageError } from '../errors.ts'
import { type Answer, failedOf } from '../hosts/fan-out.ts'
import type { Fleet } from '../operations/fleet.ts'
import type { LockPolicy } from '../operations/lock.ts'
import { command, notedLine } from '../remote/command.ts'
import { confirm } from '../ui/confirm.ts'
import { errorAsJson, renderError } from '../ui/error.ts'
import { stdio } from '../ui/stdio.ts'
import { splitAtDashes } from './arguments.ts'
import type { OpenFleet } from './compose.ts'
import { requireText } from './exact-arguments.ts'
import { exitCodeOf } from './exit-code.ts'
import { type GlobalFlags, globalFlags } from './flags/global-flags.ts'
import { interruption } from './interruption.ts'

/** What an operation reports of one target that failed while others did not. */
export interface Failure {
  readonly name: string
  readonly error: Error
}

/** How one run of a command takes its lock. */
interface LockOptions {
  /** Instead of the lock that the command declares, for commands that need it only with some flags. */
  readonly lock?: LockPolicy
  /** For `machines`: whether the swarm goes with the machines. Asked before the lock is taken; default: it stays. */
  readonly endsSwarm?: (fleet: Fleet) => Promise<boolean>
  /** For `machines`: whether the user says that the swarm is lost. */
  readonly swarmLost?: boolean
}

/**
 * What all commands share: the global flags, `--json`, how failures are shown and which exit code they lead to, and
 * the cluster that the command works on. A command parses, calls one operation and returns its data.
 */
export abstract class BeltCommand extends Command {
  static override enableJsonFlag = true
  static override baseFlags = globalFlags
  /** Whether words before `--` may have bytes that are no UTF-8. Those after it may: they go to hosts as they are. */
  static readonly takesAnyBytes: boolean = false
  /** The lock that `withFleet` takes by default. Every command that changes machines or the swarm declares its own. */
  static readonly lock: LockPolicy = 'none'
  /** Whether `--` precedes a command for hosts. */
  static readonly passesOn: boolean = false

  protected readonly interruption = interruption
  #opened: OpenFleet | undefined

  /** Nothing is begun if the user interrupted Belt while it was loaded. */
  protected override async init(): Promise<void> {
    await super.init()
    this.interruption.signal.throwIfAborted()
    if (!(this.ctor as typeof BeltCommand).takesAnyBytes) requireText(splitAtDashes(this.argv).own)
  }

  /** The cluster that the flags, the environment and the folder point to; closed when the command ends. */
  protected async openFleet(flags: GlobalFlags): Promise<Fleet> {
    const { openFleet } = await import('./compose.ts')
    this.#opened = await openFleet(flags, this.interruption.signal, {
      line: this.#line(),
      command: (this.id ?? '').replaceAll(':', '-'),
      version: this.config.version,
    })
    return this.#opened.fleet
  }

  /**
   * Opens the fleet and does the work under the command's lock. Nothing else applies the policy.
   * @throws `locked` (exit code 6) when somebody else holds the lock
   */
  protected async withFleet<T>(
    flags: GlobalFlags,
    work: (fleet: Fleet) => Promise<T>,
    {
      lock = (this.ctor as typeof BeltCommand).lock,
      endsSwarm = async () => false,
      swarmLost,
    }: LockOptions = {},
  ): Promise<T> {
    const fleet = await this.openFleet(flags)
    if (lock === 'none' || lock === 'recovery') return work(fleet)
    const { withFolderLock, withLock, withMachinesLock } = await import('../operations/lock.ts')
    if (lock === 'machines') {
      const options = { endsSwarm: await endsSwarm(fleet), ...(swarmLost !== undefined && { swarmLost }) }
      return withMachinesLock(fleet, this.#line(), options, work)
    }
    return (lock === 'folder' ? withFolderLock : withLock)(fleet, this.#line(), work)
  }

  /** @throws a usage error when a command that takes any number of words got none */
  protected requireWords(words: readonly unknown[], message: string, hint: string): void {
    if (words.length === 0) throw usageError('missing-argument', message, { hint })
  }

  /** Asks before something is destroyed, unless `--yes` is given. @param kept what a no leaves as it was */
  protected async confirm(question: string, flags: GlobalFlags, kept?: string): Promise<void> {
    if (!flags.yes) await confirm(question, kept)
  }

  /** Writes a result for people. With `--json` nothing is written: the returned value is printed instead. */
  protected print(text: string): void {
    if (!this.jsonEnabled()) void stdio.print(text)
  }

  override logJson(json: unknown): void {
    void stdio.print(`${JSON.stringify(json, undefined, 2)}\n`)
  }

  /**
   * Shows what failed, one message per target, and sets the exit code: 130 if the command was
   * interrupted, 4 if others succeeded, else the code of the first failure.
   */
  protected reportFailures(failures: readonly Failure[], total: number): void {
    const first = failures[0]?.error
    if (!first) return
    const fromFailures = failures.length < total ? ExitCode.partial : exitCodeOf(first)
    process.exitCode = this.interruption.signal.aborted ? ExitCode.interrupted : fromFailures
    failures.forEach(({ error }, index) => {
      const log = this.#record(error)
      void stdio.report(this.#rendered(error, index === failures.length - 1 ? log : undefined))
    })
  }

  /** The same for the answers of hosts or nodes. */
  protected reportAnswers(answers: readonly Answer<unknown>[]): void {
    const failures = failedOf(answers).map(({ host, error }) => ({ name: host, error }))
    this.reportFailures(failures, answers.length)
  }

  protected override async catch(error: Error): Promise<void> {
    if (error instanceof Errors.ExitError) throw error
    const shown = this.#interruptionIn(error) ?? (await this.#explained(error))
    process.exitCode = exitCodeOf(shown)
    stdio.stop()
    const log = this.#record(shown)
    if (this.jsonEnabled()) this.logJson(errorAsJson(shown, log))
    else void stdio.report(this.#rendered(shown, log))
  }

  protected override async finally(): Promise<void> {
    this.#opened?.close()
    await stdio.settled()
  }

  /**
   * The interruption that an error comes from, if it tells nothing else. A check fails because it was kept from reading
   * hosts, which says nothing about them.
   */
  #interruptionIn(error: Error): Error | undefined {
    const { aborted, reason } = this.interruption.signal
    if (!aborted) return undefined
    if (exitCodeOf(error) === ExitCode.precheck)
      return new BeltError('interrupted', 'interrupted; nothing was changed', {
        exitCode: ExitCode.interrupted,
      })
    return error.name === 'AbortError' ? reason : undefined
  }

  /** A mistake in the command line in words that help; any other error as it is. */
  async #explained(error: Error): Promise<Error> {
    if (!('oclif' in error)) return error
    const { explainMistake } = await import('./usage-mistake.ts')
    const { flags, baseFlags, passesOn } = this.ctor as typeof BeltCommand
    const name = `${this.config.bin} ${(this.id ?? '').replaceAll(':', ' ')}`
    return explainMistake(error, { name, flags: { ...baseFlags, ...flags }, passesOn }, this.argv)
  }

  /** Notes a failure. @returns the path of the log, for those whom it helps: a mistake of usage needs none */
  #record(error: Error): string | undefined {
    const log = this.#opened?.recorder?.failed(error)
    return process.exitCode === ExitCode.usage ? undefined : log
  }

  #rendered(error: Error, log: string | undefined): string {
    return renderError(error, { debug: this.argv.includes('--debug'), stream: stdio.stderr, log })
  }

  /** The command line as it was typed, and as others may read it. */
  #line(): string {
    return notedLine(command(this.config.bin, ...process.argv.slice(2)))
  }
}
