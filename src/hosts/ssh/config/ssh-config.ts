import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { precheckError, reasonOf } from '../../../errors.ts'
import type { HostAddress } from '../../host.ts'
import { SlotWindow } from '../../slots.ts'
import type { BastionAddress, KeyOptions, SshOptions } from '../options.ts'
import { askSsh, type HostSettings } from './ask-ssh.ts'
import { HostLines } from './host-lines.ts'

/** How many times ssh is asked at once: each answer keeps a processor busy. */
const AT_ONCE = 2

/** One host on the way, and the keys to log in with there. */
export interface Hop {
  readonly target: HostAddress
  readonly keys: KeyOptions
}

/** The way to a host: through jump hosts, if any, in their order. */
export interface Route extends Hop {
  readonly jumps: readonly Hop[]
}

interface Answer {
  readonly address: string
  readonly settings: HostSettings
}

/**
 * Finds the way to hosts: Belt's own config first, then the user's ssh_config for addresses that the user wrote. Hosts
 * that are configured alike share one question to ssh (docs/decisions/ssh-config.md).
 */
export class SshConfig {
  readonly #options: SshOptions
  readonly #files: readonly string[]
  readonly #window = new SlotWindow(AT_ONCE)
  readonly #answers = new Map<string, Promise<Answer | undefined>>()
  #lines: Promise<HostLines> | undefined

  constructor(options: SshOptions) {
    this.#options = options
    this.#files = configFiles(options)
  }

  /** @throws a precheck error `ssh-config` if the files cannot be read, `proxy-command` if they ask for one */
  async route(target: HostAddress): Promise<Route> {
    const { bastion } = this.#options
    if (!bastion) return this.#routeBy(target)
    const hop = hopTo(target, await this.#settingsFor(target), this.#options)
    return { ...hop, jumps: withItsJumps(await this.#routeBy(jumpTo(bastion, 'root'))) }
  }

  /** @param onTheWay the hosts that are reached through this one, the nearest last */
  async #routeBy(target: HostAddress, onTheWay: readonly string[] = []): Promise<Route> {
    const settings = await this.#settingsFor(target)
    const hop = hopTo(target, settings, this.#options)
    if (settings?.proxyCommand) throw proxyCommandRefused(target, settings.proxyCommand)
    const [first, ...others] = jumpsIn(settings?.proxyJump ?? '', hop)
    // As in ssh, a jump host is not reached through itself, although `Host *` may say so.
    if (!first || first.address === target.address) return { ...hop, jumps: [] }
    const way = [...onTheWay, target.address]
    if (way.includes(first.address)) throw jumpsInCircle(target, [...way, first.address])
    const jumps = withItsJumps(await this.#routeBy(first, way))
    for (const jump of others) jumps.push(hopTo(jump, await this.#settingsFor(jump), this.#options))
    return { ...hop, jumps }
  }

  async #settingsFor(target: HostAddress): Promise<HostSettings | undefined> {
    if (!target.fromSshConfig || this.#files.length === 0) return undefined
    this.#lines ??= this.#readLines()
    const lines = await this.#lines
    if (!lines.matter) return undefined
    const shared = await this.#ask(lines.classOf(target.address), target)
    if (!shared || shared.address === target.address) return shared?.settings
    const { hostname } = shared.settings
    if (hostname === shared.address.toLowerCase())
      return { ...shared.settings, hostname: target.address.toLowerCase() }
    if (!hostname.includes(shared.address.toLowerCase())) return shared.settings
    return (await this.#ask(target.address, target))?.settings
  }

  /** ssh itself skips an included file that does not exist; one that the config of Belt names has to be there. */
  async #readLines(): Promise<HostLines> {
    const { configFile, homeDirectory } = this.#options
    if (configFile !== undefined)
      await access(configFile, constants.R_OK).catch(error => {
        throw precheckError('ssh-config', `cannot read ${configFile}: ${reasonOf(error)}`, {
          hint: 'Correct ssh.config in the config, or set it to none',
          cause: error,
        })
      })
    return HostLines.in(this.#files, join(homeDirectory, '.ssh'))
  }

  #ask(group: string, { address, user, port, fromSshConfig = [] }: HostAddress): Promise<Answer | undefined> {
    const question = {
      address,
      user: fromSshConfig.includes('user') ? undefined : user,
      port: fromSshConfig.includes('port') ? undefined : port,
    }
    const key = JSON.stringify([group, question.user, question.port])
    const known = this.#answers.get(key)
    if (known) return known
    const answer = this.#window.through(async () => {
      const settings = await askSsh(this.#files, question)
      return settings && { address, settings }
    })
    this.#answers.set(key, answer)
    answer.catch(() => this.#answers.delete(key))
    return answer
  }
}

/** The files that ssh reads, in their order. */
export function configFiles({ configFile, homeDirectory }: Pick<SshOptions, 'configFile' | 'homeDirectory'>) {
  if (configFile === 'none') return []
  return configFile === undefined
    ? [join(homeDirectory, '.ssh', 'config'), '/etc/ssh/ssh_config']
    : [configFile]
}

function hopTo(target: HostAddress, settings: HostSettings | undefined, options: SshOptions): Hop {
  // Nothing else gives the user and the port of a connection that Belt makes itself.
  if (!settings) return { target: { ...target, fromSshConfig: undefined }, keys: options }
  const mayGive = (what: 'user' | 'port') => target.fromSshConfig?.includes(what)
  const found: HostAddress = {
    ...target,
    fromSshConfig: undefined,
    address: settings.hostname || target.address,
    user: (mayGive('user') && settings.user) || target.user,
    port: (mayGive('port') && settings.port) || target.port,
  }
  return { target: found, keys: keysFor(settings, options, text => expand(text, target, found, options)) }
}

function keysFor(
  settings: HostSettings,
  options: SshOptions,
  expanded: (text: string) => string,
): KeyOptions {
  const { privateKey, agentSocket, homeDirectory, askPassphrase } = options
  const { identityFiles, identitiesOnly, identityAgent } = settings
  return {
    homeDirectory,
    askPassphrase,
    privateKey,
    identitiesOnly,
    identityFiles: identityFiles.length > 0 ? identityFiles.map(expanded) : undefined,
    agentSocket: identityAgent === undefined ? agentSocket : agentNamed(expanded(identityAgent), agentSocket),
  }
}

/** `IdentityAgent` is a path, the name of a variable, or `none`. */
function agentNamed(text: string, agentSocket: string | undefined): string | undefined {
  if (text === 'none') return undefined
  if (text === 'SSH_AUTH_SOCK') return agentSocket
  return text.startsWith('$') ? process.env[text.slice(1)] : text
}

/** The tokens of ssh_config(5) that have a meaning for paths and jump hosts. */
function expand(text: string, alias: HostAddress, found: HostAddress, options: SshOptions): string {
  const tokens: Record<string, string> = {
    '%': '%',
    d: options.homeDirectory,
    h: found.address,
    n: alias.address,
    p: String(found.port),
    r: found.user,
    u: userInfo().username,
  }
  return text
    .replace(/^~(?=\/|$)/, () => options.homeDirectory)
    .replace(/\$\{(\w+)\}/g, (_, name: string) => process.env[name] ?? '')
    .replace(/%(.)/g, (whole, token: string) => tokens[token] ?? whole)
}

function withItsJumps({ jumps, ...hop }: Route): Hop[] {
  return [...jumps, hop]
}

/** Reads `user@host:port,ssh://host:port` of `ProxyJump`. */
function jumpsIn(text: string, { target }: Hop): HostAddress[] {
  return text
    .split(',')
    .filter(Boolean)
    .map(jump => {
      const [, user, address = '', port] =
        /^(?:ssh:\/\/)?(?:([^@]+)@)?(\[[^\]]+\]|[^:]+|[^:]+:[^:]+:.*?)(?::(\d+))?$/.exec(jump.trim()) ?? []
      return jumpTo({
        address: address.replace(/^\[|\]$/g, '').replaceAll('%h', target.address),
        user,
        port: port === undefined ? undefined : Number(port),
      })
    })
}

/** A jump host, whose user and port may be in ssh_config. */
function jumpTo({ address, user, port }: BastionAddress, defaultUser = userInfo().username): HostAddress {
  return {
    name: 'the bastion',
    fresh: false,
    address,
    user: user ?? defaultUser,
    port: port ?? 22,
    fromSshConfig: [
      ...(user === undefined ? (['user'] as const) : []),
      ...(port === undefined ? (['port'] as const) : []),
    ],
  }
}

function jumpsInCircle({ name }: HostAddress, way: readonly string[]) {
  const message = `ProxyJump in ssh_config leads in a circle: ${way.join(' through ')}`
  return precheckError('ssh-config', message, { host: name, hint: `To see it: ssh -G ${way[0]}` })
}

function proxyCommandRefused({ name, address }: HostAddress, proxyCommand: string) {
  return precheckError(
    'proxy-command',
    `ssh_config has a ProxyCommand for ${address}, and Belt's SSH library cannot run it: ${proxyCommand}`,
    {
      host: name,
      hint: 'Use ProxyJump or ssh.bastion instead, or set ssh.client: openssh. To make Belt ignore ssh_config: ssh.config: none',
    },
  )
}
