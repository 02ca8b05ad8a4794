import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { AnyAuthMethod, ParsedKey } from 'ssh2'
import { BeltError, precheckError, reasonOf } from '../../../errors.ts'
import { type KeyOptions, keyPaths } from '../options.ts'
import { Agent } from './agent.ts'
import { type KeyFile, publicKeyOf, readPrivateKeyFile, unlock } from './private-key.ts'

/** The keys that Belt can log in with. */
export interface Identities {
  /** The authentication methods, in the order to try them. */
  methods(username: string): AnyAuthMethod[]
  /** A description for the message of a refused login, including the keys that were skipped and why. */
  readonly described: string
  /** How many keys a host may be offered. */
  readonly count: number
  /** Whether keys were skipped that OpenSSH could use, such as certificates. */
  readonly opensshHasMore: boolean
}

interface Way {
  readonly label: string
  readonly count: number
  method(username: string): AnyAuthMethod
}

/**
 * Finds the keys to log in with, once for all hosts: only the configured key, or the agent's keys and then the default
 * keys. Asks for a passphrase if the configured key needs one, or if no other key is usable.
 * @throws a precheck error if the configured key is unusable, or if all keys are encrypted and nobody can be asked
 */
export async function loadIdentities(options: KeyOptions): Promise<Identities> {
  const agent = options.agentSocket ? await Agent.at(options.agentSocket) : undefined
  const { privateKey } = options
  if (privateKey) {
    const way = await configuredWay(privateKey, agent, options)
    return identities([way], [], await certificatesBeside([privateKey]))
  }
  const { usable, locked, notes } = await readKeyFiles(options, agent)
  const offered = agent?.preferring(await preferredKeys(options), options.identitiesOnly)
  const skipped = [...(agent?.unusable ?? []).map(held), ...(await certificatesBeside(keyPaths(options)))]
  const [first] = locked
  if (first && !offered?.keys.length && usable.length === 0)
    return identities([keyWay(first.path, await unlock(first, options.askPassphrase))], notes, skipped)
  const ways = [...(offered ? [agentWay(offered)] : []), ...usable]
  return identities(ways, [...notes, ...locked.map(({ path }) => `${path} is encrypted`)], skipped)
}

/** The configured key file, or the key of the agent that it stands for. */
async function configuredWay(path: string, agent: Agent | undefined, options: KeyOptions): Promise<Way> {
  const file = await readPrivateKeyFile(path).catch((error: BeltError) => error)
  if (!(file instanceof BeltError) && file.key) return keyWay(path, file.key)
  const publicKey = await publicKeyOf(path)
  const held = publicKey && agent?.holding(publicKey.getPublicSSH())
  if (held) return agentWay(held, path)
  if (!(file instanceof BeltError)) return keyWay(path, await unlock(file, options.askPassphrase))
  const privatePath = path.replace(/\.pub$/, '')
  if (privatePath !== path && (await exists(privatePath))) return configuredWay(privatePath, agent, options)
  throw publicKey ? notHeld(path) : file
}

async function readKeyFiles(options: KeyOptions, agent: Agent | undefined) {
  const usable: Way[] = []
  const locked: KeyFile[] = []
  const notes: string[] = []
  for (const path of keyPaths(options)) {
    try {
      const file = await readPrivateKeyFile(path)
      if (file.key) usable.push(keyWay(path, file.key))
      else if (!(await isHeld(agent, path))) locked.push(file)
    } catch (error) {
      if (!isMissing(error) && !(await isHeld(agent, path))) notes.push(reasonOf(error))
    }
  }
  return { usable, locked, notes }
}

async function isHeld(agent: Agent | undefined, path: string): Promise<boolean> {
  const publicKey = agent && (await publicKeyOf(path))
  return publicKey !== undefined && agent?.holding(publicKey.getPublicSSH()) !== undefined
}

/** As ssh does, keys of the agent that are also in files go first: a host ends the login after a few keys (MaxAuthTries). */
async function preferredKeys(options: KeyOptions): Promise<Buffer[]> {
  const keys = await Promise.all(
    [...keyPaths(options), ...(await publicKeysAtHome(options))].map(publicKeyOf),
  )
  return keys.flatMap(key => key?.getPublicSSH() ?? [])
}

/** `~/.ssh/id_*.pub`, which may stand for keys that are in the agent only. */
async function publicKeysAtHome({ homeDirectory, identityFiles }: KeyOptions): Promise<string[]> {
  if (identityFiles) return []
  const folder = join(homeDirectory, '.ssh')
  const names = await readdir(folder).catch(() => [])
  return names
    .filter(name => /^id_.*\.pub$/.test(name))
    .sort()
    .map(name => join(folder, name))
}

async function certificatesBeside(paths: readonly string[]): Promise<string[]> {
  const files = paths.map(path => `${path.replace(/\.pub$/, '')}-cert.pub`)
  const found = await Promise.all(files.map(async file => ((await exists(file)) ? file : undefined)))
  return found.flatMap(file => (file ? `the certificate ${file}` : []))
}

function held(type: string): string {
  if (type.includes('-cert-')) return 'a certificate of the agent'
  return type.startsWith('sk-') ? 'a hardware key of the agent' : `a key of the agent (${type})`
}

function keyWay(path: string, key: ParsedKey): Way {
  return { label: path, count: 1, method: username => ({ type: 'publickey', username, key }) }
}

function agentWay(agent: Agent, path?: string): Way {
  const count = agent.keys.length
  const label = path ? `${path} from the agent` : `${count === 1 ? '1 key' : `${count} keys`} from the agent`
  return { label, count, method: username => ({ type: 'agent', username, agent }) }
}

/** @param unsupported what OpenSSH could log in with, and Belt's SSH library cannot */
function identities(
  ways: readonly Way[],
  notes: readonly string[],
  unsupported: readonly string[],
): Identities {
  const tried = ways.map(way => way.label).join(', ') || 'no key'
  const skipped = [...notes, ...new Set(unsupported.map(what => `${what} is not supported`))]
  return {
    described: skipped.length > 0 ? `${tried} (skipped: ${skipped.join('; ')})` : tried,
    count: ways.reduce((sum, way) => sum + way.count, 0),
    opensshHasMore: unsupported.length > 0,
    methods: username => ways.map(way => way.method(username)),
  }
}

function notHeld(path: string): BeltError {
  return precheckError('key-invalid', `${path} is a public key, and no SSH agent holds its private key`, {
    hint: 'Add the private key to the agent with ssh-add, or name the private key in ssh.private_key',
  })
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT'
}
