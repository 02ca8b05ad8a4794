import { readdirSync } from 'node:fs'
import { basename } from 'node:path'
import type { Command } from '@oclif/core'
import { parse } from 'shell-quote'
import { arrange } from '../../src/cli/arguments.ts'

/** The flags of each command, by the command as it is typed (`swarm join`). */
export type Commands = ReadonlyMap<string, ReadonlySet<string>>

/** Flags that every command answers to, and commands that are not in `src/commands`. */
const ALWAYS = ['--help', '--json']
const FROM_PLUGINS = ['autocomplete', 'help']

/** Reads all commands from their sources, so that nothing need be built. */
export async function readCommands(): Promise<Commands> {
  const files = readdirSync('src/commands', { recursive: true, encoding: 'utf8' })
    .map(file => file.replaceAll('\\', '/'))
    .filter(file => file.endsWith('.ts'))
  const commands = await Promise.all(files.map(readCommand))
  return new Map([...commands, ...FROM_PLUGINS.map(name => [name, new Set(ALWAYS)] as const)])
}

async function readCommand(file: string): Promise<readonly [string, ReadonlySet<string>]> {
  const loaded: { default: typeof Command } = await import(`../../src/commands/${file}`)
  const { flags, baseFlags } = loaded.default
  const parts = file.replace(/\.ts$/, '').split('/')
  const name = basename(file) === 'index.ts' ? parts.slice(0, -1) : parts
  return [name.join(' '), new Set([...ALWAYS, ...spellings({ ...baseFlags, ...flags })])]
}

const spellings = (flags: typeof Command.flags) =>
  Object.entries(flags).flatMap(([name, flag]) => [
    `--${name}`,
    ...(flag.char === undefined ? [] : [`-${flag.char}`]),
    ...(flag.type === 'boolean' && flag.allowNo ? [`--no-${name}`] : []),
  ])

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
  if (words[0]?.startsWith('-') && ['--help', '--version'].includes(words[0])) return []
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
