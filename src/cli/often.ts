import { Config } from '@oclif/core'
import { packageVersion } from '../package-files.ts'
import type { BeltCommand } from './base-command.ts'

type CommandClass = { id: string } & (new (argv: string[], config: Config) => BeltCommand)

/** What a command asks of oclif while it runs, where no plugin was looked for. */
class BareConfig extends Config {
  override bin = 'belt'
  override version = packageVersion

  override async runHook() {
    return { successes: [], failures: [] }
  }
}

/** The commands that are called most often. */
const OFTEN = ['cp', 'docker', 'exec', 'ls', 'ssh']

/**
 * Runs a command that is called often without oclif's own start, which looks for plugins, aliases and the descriptions of
 * all commands, and takes longer than most else that happens before the first host is talked to.
 * @param words as oclif takes them: the command first
 * @param load loads what the file of a command exports
 * @returns whether it ran; if not, it is another command, or help is asked for
 */
export async function runOften(
  words: readonly string[],
  root: string,
  load: (id: string) => unknown,
): Promise<boolean> {
  const [id = '', ...argv] = words
  if (!OFTEN.includes(id) || asksForHelp(argv)) return false
  const { default: Command } = load(id) as { default: CommandClass }
  Command.id = id
  await new Command(argv, new BareConfig({ root })).runItself()
  return true
}

function asksForHelp(argv: readonly string[]): boolean {
  const separator = argv.indexOf('--')
  return argv.slice(0, separator === -1 ? undefined : separator).includes('--help')
}
