import { parse } from 'shell-quote'
import { arrange } from '../../src/cli/arguments.ts'
import { codeOf, type Document, headingOf } from './documents.ts'

/** The flags of each command, by the command as it is typed (`swarm join`). */
export type Commands = ReadonlyMap<string, ReadonlySet<string>>

/** A flag that every command answers to, and commands that come with oclif. */
const HELP = '--help'
const FROM_OCLIF = ['autocomplete', 'help']

/** Reads all commands from the generated reference, which is compared with the build in its own check. */
export function readCommands(documents: readonly Document[]): Commands {
  const pages = documents.filter(({ path }) => path.startsWith('docs/reference/'))
  const index = pages.find(({ path }) => path === 'docs/reference/README.md')
  const shared = [HELP, ...(index ? flagsIn(index) : [])]
  const commands = pages
    .filter(page => page !== index)
    .map(page => [headingOf(page).replace(/^belt /, ''), new Set([...shared, ...flagsIn(page)])] as const)
  return new Map([...commands, ...FROM_OCLIF.map(name => [name, new Set(shared)] as const)])
}

const flagsIn = (page: Document) =>
  codeOf(page)
    .filter(code => code.startsWith('-'))
    .flatMap(spellings)

/** How a flag is written that the reference shows as `-y, --yes`, `--size 16gb` or `--[no-]autolock`. */
function spellings(label: string): string[] {
  return label.split(', ').flatMap(part => {
    const flag = part.split(' ')[0] ?? ''
    return flag.includes('[no-]') ? [flag.replace('[no-]', ''), flag.replace('[no-]', 'no-')] : [flag]
  })
}

/** The calls of Belt in a line of shell, each as the words behind `belt`. */
export function beltCallsIn(line: string): string[][] {
  const calls: string[][] = [[]]
  for (const token of parse(line, name => `$${name}`)) {
    if (typeof token === 'string') calls.at(-1)?.push(token)
    else if ('pattern' in token) calls.at(-1)?.push(token.pattern)
    else if ('op' in token) calls.push([])
  }
  return calls.filter(words => words[0] === 'belt' && words.length > 1).map(words => words.slice(1))
}

/** What is wrong with a call of Belt: a command or a flag that does not exist; empty when all is right. */
export function mistakesIn(words: readonly string[], commands: Commands): string[] {
  if (['--help', '-h', '--version', '-v', 'version'].includes(words[0] ?? '')) return []
  const arranged = arrange(words)
  const name = nameIn(arranged, commands)
  if (name === undefined) return [`belt ${words.join(' ')}: no such command`]
  const separator = arranged.indexOf('--')
  const own = separator === -1 ? arranged : arranged.slice(0, separator)
  const flags = own.filter(word => /^--?[a-z]/.test(word)).map(word => word.split('=')[0] ?? '')
  return flags
    .filter(flag => !commands.get(name)?.has(flag))
    .map(flag => `belt ${words.join(' ')}: ${name} has no flag ${flag}`)
}

/** The longest name of a command that the words begin with. */
function nameIn(words: readonly string[], commands: Commands): string | undefined {
  return [3, 2, 1].map(count => words.slice(0, count).join(' ')).find(name => commands.has(name))
}
