import { createHash } from 'node:crypto'
import { HostField } from './host-pattern.ts'

/** A host's public key, as in a line of known_hosts. */
export interface HostKey {
  /** Such as `ssh-ed25519`. */
  readonly type: string
  /** In base64. */
  readonly key: string
}

/** Reads a public key in wire format (RFC 4253, section 6.6). */
export function hostKeyFrom(wire: Buffer): HostKey {
  const length = wire.readUInt32BE(0)
  return { type: wire.toString('latin1', 4, 4 + length), key: wire.toString('base64') }
}

/** OpenSSH's fingerprint: `SHA256:` and the digest in base64 without padding. */
export function fingerprint(key: HostKey): string {
  const digest = createHash('sha256').update(Buffer.from(key.key, 'base64')).digest('base64')
  return `SHA256:${digest.replace(/=+$/, '')}`
}

export function sameKey(one: HostKey, other: HostKey): boolean {
  return one.type === other.type && one.key === other.key
}

/** What known_hosts says about one host. */
export interface Standing {
  /** The keys that the host may present. */
  readonly trusted: readonly HostKey[]
  /** The keys that it must not present. */
  readonly revoked: readonly HostKey[]
  /** Whether a certificate authority vouches for the host's keys. */
  readonly hasAuthority: boolean
  /** The number of the first line that names a trusted key only through a pattern. */
  readonly patternLine: number | undefined
}

type Marker = 'revoked' | 'authority' | 'none'

/** A line with a key. */
interface Entry {
  readonly marker: Marker
  readonly host: HostField
  readonly key: HostKey
  /** From 1. */
  readonly line: number
}

/** The content of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export class KnownKeys {
  #lines: string[]
  readonly #byName = new Map<string, Entry[]>()
  /** Entries with patterns or hashed names, which no index can find. */
  #others: Entry[] = []

  constructor(text: string) {
    this.#lines = text.split('\n').filter(Boolean)
    this.#index()
  }

  of(name: string): Standing {
    const entries = this.#entriesFor(name)
    const keys = (marker: Marker) => entries.filter(entry => entry.marker === marker).map(({ key }) => key)
    const revoked = keys('revoked')
    return {
      trusted: keys('none').filter(key => !revoked.some(bad => sameKey(bad, key))),
      revoked,
      hasAuthority: keys('authority').length > 0,
      patternLine: entries.find(({ marker, host }) => marker === 'none' && host.isPattern)?.line,
    }
  }

  /** Adds a key for a name that has none; never replaces a key. */
  add(name: string, key: HostKey): void {
    if (this.of(name).trusted.length > 0) return
    this.#lines.push(`${name} ${key.type} ${key.key}`)
    this.#indexLine(this.#lines.length - 1)
  }

  /** Removes the trusted keys of these names. Keeps markers and patterns, as `ssh-keygen -R` does. */
  remove(names: readonly string[]): void {
    const gone = new Set(names.flatMap(spellings).map(name => name.toLowerCase()))
    this.#lines = this.#lines.flatMap(text => {
      const entry = parseLine(text, 0)
      if (entry?.marker !== 'none' || entry.host.isPattern) return [text]
      if (entry.host.isHashed) return names.some(name => entry.host.matches(name)) ? [] : [text]
      const [field = ''] = text.trim().split(/\s+/)
      const kept = field.split(',').filter(name => !gone.has(name.toLowerCase()))
      return kept.length === 0 ? [] : [text.replace(field, () => kept.join(','))]
    })
    this.#index()
  }

  toString(): string {
    return this.#lines.map(line => `${line}\n`).join('')
  }

  #entriesFor(name: string): Entry[] {
    const names = spellings(name)
    const found = new Set(names.flatMap(spelling => this.#byName.get(spelling.toLowerCase()) ?? []))
    for (const entry of this.#others)
      if (names.some(spelling => entry.host.matches(spelling))) found.add(entry)
    return [...found]
  }

  #index(): void {
    this.#byName.clear()
    this.#others = []
    for (const at of this.#lines.keys()) this.#indexLine(at)
  }

  #indexLine(at: number): void {
    const entry = parseLine(this.#lines[at] as string, at + 1)
    if (!entry) return
    if (entry.host.isPattern || entry.host.isHashed) this.#others.push(entry)
    for (const name of entry.host.names) {
      const entries = this.#byName.get(name)
      if (entries) entries.push(entry)
      else this.#byName.set(name, [entry])
    }
  }
}

const MARKERS: Record<string, Marker> = { '@revoked': 'revoked', '@cert-authority': 'authority' }

/** @returns undefined for comments, blank lines and lines that are not understood, which are kept unchanged */
function parseLine(text: string, line: number): Entry | undefined {
  const words = text.trim().split(/\s+/)
  const marker = words[0]?.startsWith('@') ? MARKERS[words.shift() as string] : 'none'
  const [names, type, key] = words
  if (!marker || !names || !type || !key || names.startsWith('#')) return undefined
  return { marker, host: new HostField(names), key: { type, key }, line }
}

/** OpenSSH writes a host at port 22 without brackets and port. */
function spellings(name: string): string[] {
  const [, host] = /^\[(.+)\]:22$/.exec(name) ?? []
  return host === undefined ? [name] : [name, host]
}
