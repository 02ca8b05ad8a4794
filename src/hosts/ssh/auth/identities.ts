import { readFile } from 'node:fs/promises'
import type { AnyAuthMethod, ParsedKey } from 'ssh2'
import { reasonOf } from '../../../errors.ts'
import { defaultKeyPaths, type KeyOptions } from '../options.ts'
import { parseKey } from '../ssh2.ts'
import { Agent } from './agent.ts'
import { type KeyFile, readPrivateKeyFile, unlock } from './private-key.ts'

/** The keys that Belt can log in with. */
export interface Identities {
  /** The authentication methods, in the order to try them. */
  methods(username: string): AnyAuthMethod[]
  /** A description for the message of a refused login, including the keys that were skipped and why. */
  readonly described: string
}

interface Way {
  readonly label: string
  method(username: string): AnyAuthMethod
}

/**
 * Finds the keys to log in with, once for all hosts: only the configured key, or the agent's keys and then the default
 * keys. Asks for a passphrase if the configured key needs one, or if no other key is usable.
 * @throws a precheck error if the configured key is unusable, or if all keys are encrypted and nobody can be asked
 */
export async function loadIdentities(options: KeyOptions): Promise<Identities> {
  const agent = options.agentSocket ? await Agent.at(options.agentSocket) : undefined
  if (options.privateKey) return identities([await configuredWay(options.privateKey, agent, options)], [])
  const { usable, locked, notes } = await readDefaultKeys(options, agent)
  const ways = [...(agent ? [agentWay(agent)] : []), ...usable]
  const [first] = locked
  if (first && !agent?.keys.length && usable.length === 0)
    return identities([keyWay(first.path, await unlock(first, options.askPassphrase))], notes)
  return identities(ways, [...notes, ...locked.map(({ path }) => `${path} is encrypted`)])
}

/** The public key in the `.pub` file next to a private key; undefined if it cannot be read. */
export async function publicKeyBeside(path: string): Promise<ParsedKey | undefined> {
  const content = await readFile(`${path}.pub`).catch(() => undefined)
  const key = content && parseKey(content)
  return key instanceof Error ? undefined : key
}

async function configuredWay(path: string, agent: Agent | undefined, options: KeyOptions): Promise<Way> {
  const file = await readPrivateKeyFile(path)
  const held = file.key ? undefined : await heldBy(agent, path)
  return held ? agentWay(held, path) : keyWay(path, await unlock(file, options.askPassphrase))
}

async function readDefaultKeys(options: KeyOptions, agent: Agent | undefined) {
  const usable: Way[] = []
  const locked: KeyFile[] = []
  const notes: string[] = []
  for (const path of defaultKeyPaths(options)) {
    try {
      const file = await readPrivateKeyFile(path)
      if (file.key) usable.push(keyWay(path, file.key))
      else if (!(await heldBy(agent, path))) locked.push(file)
    } catch (error) {
      if (!isMissing(error)) notes.push(reasonOf(error))
    }
  }
  return { usable, locked, notes }
}

async function heldBy(agent: Agent | undefined, path: string): Promise<Agent | undefined> {
  if (!agent) return undefined
  const key = await publicKeyBeside(path)
  return key && agent.holding(key.getPublicSSH())
}

function keyWay(path: string, key: ParsedKey): Way {
  return { label: path, method: username => ({ type: 'publickey', username, key }) }
}

function agentWay(agent: Agent, path?: string): Way {
  const count = agent.keys.length === 1 ? '1 key' : `${agent.keys.length} keys`
  const label = path ? `${path} from the agent` : `${count} from the agent`
  return { label, method: username => ({ type: 'agent', username, agent }) }
}

function identities(ways: readonly Way[], notes: readonly string[]): Identities {
  const tried = ways.map(way => way.label).join(', ') || 'no key'
  const described = notes.length > 0 ? `${tried} (skipped: ${notes.join('; ')})` : tried
  return { described, methods: username => ways.map(way => way.method(username)) }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT'
}
