import { createHash, createHmac } from 'node:crypto'

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

interface Line {
  readonly text: string
  /** Plain or hashed names; none for comments, blank lines and lines with a marker, which are kept unchanged. */
  readonly names: readonly string[]
  readonly key?: HostKey
}

/** The content of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export class KnownKeys {
  #lines: Line[]
  #byName = new Map<string, HostKey[]>()
  /** OpenSSH hashes the names it adds if HashKnownHosts is set, as on Debian. */
  #hashed: Line[] = []

  constructor(text: string) {
    this.#lines = text.split('\n').filter(Boolean).map(parseLine)
    this.#index()
  }

  of(name: string): HostKey[] {
    const hashed = this.#hashed.filter(line => line.names.some(pattern => matches(pattern, name)))
    return [...(this.#byName.get(name) ?? []), ...hashed.flatMap(line => line.key ?? [])]
  }

  /** Adds a key for a name that has none; never replaces a key. */
  add(name: string, key: HostKey): void {
    if (this.of(name).length > 0) return
    this.#lines.push({ text: `${name} ${key.type} ${key.key}`, names: [name], key })
    this.#byName.set(name, [key])
  }

  remove(names: readonly string[]): void {
    const gone = (pattern: string) => names.some(name => matches(pattern, name))
    this.#lines = this.#lines.flatMap(line => {
      const kept = line.names.filter(pattern => !gone(pattern))
      if (kept.length === line.names.length) return [line]
      if (kept.length === 0 || !line.key) return []
      return [{ ...line, text: `${kept.join(',')} ${line.key.type} ${line.key.key}`, names: kept }]
    })
    this.#index()
  }

  toString(): string {
    return this.#lines.map(line => `${line.text}\n`).join('')
  }

  #index(): void {
    this.#byName.clear()
    this.#hashed = this.#lines.filter(line => line.names.some(isHashed))
    for (const { names, key } of this.#lines) {
      if (!key) continue
      for (const name of names) this.#byName.set(name, [...(this.#byName.get(name) ?? []), key])
    }
  }
}

function parseLine(text: string): Line {
  const [names, type, key] = text.trim().split(/\s+/)
  if (!names || !type || !key || /^[#@]/.test(names)) return { text, names: [] }
  return { text, names: names.split(','), key: { type, key } }
}

function isHashed(pattern: string): boolean {
  return pattern.startsWith('|1|')
}

function matches(pattern: string, name: string): boolean {
  if (!isHashed(pattern)) return pattern === name
  const [, , salt = '', hash] = pattern.split('|')
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash
}
