import { resolve } from 'node:path'
import { Config } from '@oclif/core'
import { onTestFinished, vi } from 'vitest'
import type { BeltCommand } from '../../src/cli/base-command.ts'
import type { GlobalFlags } from '../../src/cli/flags/global-flags.ts'
import { BeltError, ExitCode } from '../../src/errors.ts'
import type { Fleet } from '../../src/operations/fleet.ts'
import { stdio } from '../../src/ui/stdio.ts'

/** How a command ended that did not throw. */
export interface CommandEnd {
  readonly result: unknown
  readonly exitCode: number
}

type Runnable = new (argv: string[], config: Config) => BeltCommand

/** The members of a command that tests replace, some of which are protected. */
interface Seams {
  openFleet(flags: GlobalFlags): Promise<Fleet>
  confirm(question: string, flags: GlobalFlags, kept?: string): Promise<void>
  run(): Promise<unknown>
}

/** Each command listens to these for as long as the process lives. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Runs commands on a fleet in memory, and answers their questions. */
export async function commandsOn(fleet: Fleet) {
  const config = await Config.load(resolve('.'))
  const questions: string[] = []
  const printed = vi.spyOn(stdio, 'print').mockImplementation(async () => {})
  const reported = vi.spyOn(stdio, 'report').mockImplementation(async () => {})
  const listening = SIGNALS.map(name => [name, process.listeners(name)] as const)
  onTestFinished(() => {
    printed.mockRestore()
    reported.mockRestore()
    for (const [name, before] of listening)
      for (const listener of process.listeners(name))
        if (!before.includes(listener)) process.off(name, listener)
  })

  /** Runs a command with `answer` to its questions; undefined: nobody can be asked. */
  async function runWith(
    answer: boolean | undefined,
    Command: Runnable,
    argv: string[],
  ): Promise<CommandEnd> {
    const command = new Command(argv, config) as unknown as Seams
    command.openFleet = async () => fleet
    if (answer !== undefined) {
      command.confirm = async (question, { yes }, kept = 'nothing was changed') => {
        if (yes) return
        questions.push(question)
        if (!answer)
          throw new BeltError('cancelled', `cancelled, ${kept}`, { exitCode: ExitCode.interrupted })
      }
    }
    process.exitCode = 0
    try {
      return { result: await command.run(), exitCode: Number(process.exitCode) }
    } finally {
      process.exitCode = 0
    }
  }

  return {
    questions,
    printed: () => printed.mock.calls.join(''),
    reported: () => reported.mock.calls.join(''),
    run: (Command: Runnable, ...argv: string[]) => runWith(undefined, Command, argv),
    runAnswering: (answer: boolean, Command: Runnable, ...argv: string[]) => runWith(answer, Command, argv),
  }
}
