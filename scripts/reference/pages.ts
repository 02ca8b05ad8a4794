import { type Command, type Interfaces, toConfiguredId } from '@oclif/core'
import type { PhrasingContent, RootContent } from 'mdast'
import { groupCommands } from '../../src/cli/command-groups.ts'
import { block, heading, link, list, literal, paragraph, render, table, text } from './markdown.ts'

/** A file of docs/reference. */
export interface Page {
  readonly file: string
  readonly content: string
}

type Config = Pick<Interfaces.Config, 'bin' | 'topicSeparator'>
type Flag = Command.Flag.Cached

/** The index and one page for each command, in a stable order. */
export function referencePages(commands: readonly Command.Cached[], config: Config): Page[] {
  const named = new Map(
    commands.map(command => [toConfiguredId(command.id, config as Interfaces.Config), command]),
  )
  const inOrder = [...named].sort(([a], [b]) => (a < b ? -1 : 1))
  return [indexPage(new Map(inOrder)), ...inOrder.map(([name, command]) => commandPage(name, command))]
}

const fileOf = (name: string) => `${name.replaceAll(' ', '-')}.md`

function indexPage(commands: ReadonlyMap<string, Command.Cached>): Page {
  const groups = groupCommands([...commands.keys()]).flatMap(({ title, commands: names }) => [
    heading(2, text(title)),
    table([
      [[text('Command')], [text('Does')]],
      ...names.map(name => [
        [link(fileOf(name), literal(`belt ${name}`))],
        [text(`${commands.get(name)?.summary ?? ''}`)],
      ]),
    ]),
  ])
  const content = render([
    heading(1, text('Command reference')),
    paragraph(
      text('These pages are generated from the help of each command ('),
      literal('npm run docs'),
      text('). '),
      literal('--help'),
      text(' behind a command prints the same in a terminal.'),
    ),
    ...groups,
    heading(2, text('Global flags')),
    paragraph(text("Every command takes these flags, before or after the command's name.")),
    flagTable(globalFlags([...commands.values()])),
    heading(2, text('Exit codes')),
    paragraph(link('../exit-codes.md', text('Exit codes')), text(' lists them for all commands.')),
  ])
  return { file: 'README.md', content }
}

function commandPage(name: string, command: Command.Cached): Page {
  const content = render([
    heading(1, literal(`belt ${name}`)),
    paragraph(text(`${command.summary ?? ''}.`)),
    block('text', usageLines(name, command).join('\n')),
    ...(command.description ?? '')
      .split(/\n\s*\n/)
      .filter(part => part !== '')
      .map(part => paragraph(text(part.replaceAll(/\s*\n\s*/g, ' ')))),
    ...argumentSection(command),
    ...flagSection(command),
    ...exampleSection(command),
    heading(2, text('See also')),
    list(seeAlso(command)),
  ])
  return { file: fileOf(name), content }
}

/** What is written behind `static usage`, or else the arguments and flags in turn. */
function usageLines(name: string, command: Command.Cached): string[] {
  if (command.usage !== undefined) return [command.usage].flat().map(line => `belt ${line}`)
  const args = shownArguments(command).map(arg => (arg.required ? nameOf(arg) : `[${nameOf(arg)}]`))
  const flags = ownFlags(command).map(flag => (flag.required ? usageOf(flag) : `[${usageOf(flag)}]`))
  return [['belt', name, ...args, ...flags].join(' ')]
}

function argumentSection(command: Command.Cached): RootContent[] {
  const described = shownArguments(command).filter(arg => arg.description)
  if (described.length === 0) return []
  const rows = described.map(arg => [[literal(nameOf(arg))], [text(meaningOf(arg.description ?? '', arg))]])
  return [heading(2, text('Arguments')), table([[[text('Argument')], [text('Meaning')]], ...rows])]
}

function flagSection(command: Command.Cached): RootContent[] {
  const flags = ownFlags(command)
  return flags.length === 0 ? [] : [heading(2, text('Flags')), flagTable(flags)]
}

function exampleSection(command: Command.Cached): RootContent[] {
  const lines = (command.examples ?? []).map(example =>
    (typeof example === 'string' ? example : example.command).replaceAll('<%= config.bin %>', 'belt'),
  )
  if (lines.length === 0) return []
  return [heading(2, text('Examples')), block('console', lines.map(line => `$ ${line}`).join('\n'))]
}

function seeAlso(command: Command.Cached): PhrasingContent[][] {
  const all = [
    [link('README.md#global-flags', text('Global flags'))],
    [link('../exit-codes.md', text('Exit codes'))],
  ]
  if ('json' in command.flags)
    all.push([link('../json.md', text('What '), literal('--json'), text(' prints'))])
  return all
}

const flagTable = (flags: readonly Flag[]) =>
  table([
    [[text('Flag')], [text('Meaning')]],
    ...flags.map(flag => [
      [literal(labelOf(flag))],
      [text(meaningOf(flag.summary ?? flag.description ?? '', flag))],
    ]),
  ])

function ownFlags(command: Command.Cached): Flag[] {
  const flags = Object.values(command.flags).filter(flag => flag.helpGroup !== 'GLOBAL' && !flag.hidden)
  return flags.sort((a, b) => (a.name < b.name ? -1 : 1))
}

function globalFlags(commands: readonly Command.Cached[]): Flag[] {
  const flags = commands.flatMap(command => Object.values(command.flags))
  return [
    ...new Map(flags.filter(flag => flag.helpGroup === 'GLOBAL').map(flag => [flag.name, flag])).values(),
  ]
}

function labelOf(flag: Flag): string {
  const name = flag.type === 'boolean' && flag.allowNo ? `[no-]${flag.name}` : flag.name
  const short = flag.char === undefined ? '' : `-${flag.char}, `
  return `${short}--${name}${flag.type === 'option' ? ` ${placeholderOf(flag)}` : ''}`
}

const usageOf = (flag: Flag) =>
  flag.type === 'option' ? `--${flag.name} ${placeholderOf(flag)}` : `--${flag.name}`

const placeholderOf = (flag: Flag & { type: 'option' }) =>
  flag.helpValue ?? flag.options?.join('|') ?? flag.name.toUpperCase()

const shownArguments = (command: Command.Cached) => Object.values(command.args).filter(arg => !arg.hidden)

const nameOf = (arg: { name: string }) => arg.name.toUpperCase()

/** A description, followed by what else there is to know of an argument or a flag. */
function meaningOf(
  description: string,
  {
    options,
    default: fallback,
    env,
    required,
  }: { options?: readonly string[]; default?: unknown; env?: string; required?: boolean },
): string {
  const remarks = [
    ...(required ? ['required'] : []),
    ...(options ? [`one of ${options.join(', ')}`] : []),
    ...(typeof fallback === 'string' || typeof fallback === 'number' ? [`default: ${fallback}`] : []),
    ...(env === undefined ? [] : [`environment: ${env}`]),
  ]
  return remarks.length === 0 ? description : `${description} (${remarks.join('; ')})`
}
