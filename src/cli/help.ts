import { type Command, CommandHelp, Help, type Interfaces } from '@oclif/core'
import { groupCommands } from './command-groups.ts'

/** Longer lines are hard to read, however wide the terminal is. */
const WIDEST = 80
const GLOBAL = 'GLOBAL'

const START = [
  'belt cluster new --driver docker shop',
  "belt create 1gb 'mg[0:2]'",
  'belt swarm init mg0',
  "belt swarm join mg0 'mg[1:2]' --manager",
  'belt swarm status',
]

const EXIT_CODES = [
  ['0', 'done'],
  ['1', 'failed'],
  ['2', 'a mistake in the command line or the config'],
  ['3', 'refused by a check; nothing was changed'],
  ['4', 'some hosts succeeded and others failed'],
  ['5', 'the swarm would lose its quorum'],
  ['6', 'somebody else holds the lock'],
  ['130', 'interrupted'],
]

/** The help of a command. Its global flags are only named, because `belt --help` explains them. */
class BeltCommandHelp extends CommandHelp {
  /** Without the summary, which is already the first line of the help. */
  protected override description(): string | undefined {
    return this.command.description && this.wrap(this.command.description)
  }

  protected override groupFlags(flags: Command.Flag.Any[]) {
    return super.groupFlags(flags.filter(({ helpGroup }) => helpGroup !== GLOBAL))
  }

  protected override sections() {
    const globals = Object.values(this.command.flags).filter(
      flag => flag.helpGroup === GLOBAL && !flag.hidden,
    )
    const names = globals.map(({ name }) => `--${name}`).join(' ')
    const section = {
      header: 'GLOBAL FLAGS',
      generate: () => (names ? this.wrap(`${names}\n${this.config.bin} --help explains them.`) : undefined),
    }
    const [usage, args, flags, ...others] = super.sections()
    return [usage, args, flags, section, ...others].filter(each => each !== undefined)
  }
}

/** Lists every command and topic once, in groups. */
export default class BeltHelp extends Help {
  protected override CommandHelpClass = BeltCommandHelp

  constructor(config: Interfaces.Config, opts?: Partial<Interfaces.HelpOptions>) {
    super(config, opts)
    this.opts.maxWidth = Math.min(this.opts.maxWidth ?? WIDEST, WIDEST)
  }

  /** Without topics that are commands too, or have no commands. */
  protected override get sortedTopics(): Interfaces.Topic[] {
    return super.sortedTopics.filter(
      ({ name }) =>
        !this.config.findCommand(name) && this.config.commandIDs.some(id => id.startsWith(`${name}:`)),
    )
  }

  protected override async showRootHelp(): Promise<void> {
    const { bin } = this.config
    const sections = [
      this.wrap(this.config.pjson.description ?? '', 0),
      this.section('USAGE', `$ ${bin} [GLOBAL FLAGS] COMMAND`),
      this.section('START HERE', START.map(line => `$ ${line}`).join('\n')),
      ...this.#groups(),
      this.#globalFlags(),
      this.section('EXIT CODES', this.renderList(EXIT_CODES, { indentation: 2 })),
      this.section(
        'LEARN MORE',
        [
          `$ ${bin} COMMAND --help    what a command does, its flags and examples`,
          `$ ${bin} help docker       Belt's own help for docker`,
          `$ ${bin} --version`,
        ].join('\n'),
      ),
    ]
    this.log(`${sections.join('\n\n')}\n`)
  }

  /** Commands and topics of one word, each with its summary. */
  #groups(): string[] {
    const commands = this.sortedCommands.filter(({ id }) => !id.includes(':'))
    const topics = this.sortedTopics.filter(({ name }) => !name.includes(':'))
    const summaries = new Map([
      ...topics.map(({ name, description }) => [name, description] as const),
      ...commands.map(command => [command.id, this.summary(command)] as const),
    ])
    return groupCommands([...summaries.keys()]).map(({ title, commands: names }) =>
      this.section(
        title.toUpperCase(),
        names.map(name => [name, summaries.get(name)] as [string, string | undefined]),
      ),
    )
  }

  /** The flags that all commands share, as one of them has them. */
  #globalFlags(): string {
    const command = this.config.findCommand('ls', { must: true })
    const flags = Object.entries(command.flags).filter(([, { helpGroup }]) => helpGroup === GLOBAL)
    const only = { ...command, flags: Object.fromEntries(flags) }
    return new CommandHelp(only, this.config, { ...this.opts, sections: ['flags'] }).generate()
  }
}
