import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  fingerprint,
  type HostKey,
  hostKeyFrom,
  KnownKeys,
  sameKey,
} from '../../../src/hosts/known-hosts/known-keys.ts'
import { newKeyPair } from '../../support/sshd.ts'

const key = (type: string, text: string): HostKey => ({ type, key: Buffer.from(text).toString('base64') })
const one = key('ssh-ed25519', 'one')
const two = key('ssh-ed25519', 'two')

describe('the content of known_hosts', () => {
  it('finds keys by name, also behind other names and with a comment', () => {
    const keys = new KnownKeys(`node1,10.0.0.1 ssh-ed25519 ${one.key} made today\nnode2 ssh-rsa ${two.key}\n`)
    expect(keys.of('node1')).toEqual([one])
    expect(keys.of('10.0.0.1')).toEqual([one])
    expect(keys.of('node2')).toEqual([{ type: 'ssh-rsa', key: two.key }])
    expect(keys.of('node3')).toEqual([])
  })

  it('finds every key of a name', () => {
    const keys = new KnownKeys(`node1 ssh-ed25519 ${one.key}\nnode1 ssh-rsa ${two.key}\n`)
    expect(keys.of('node1').map(({ type }) => type)).toEqual(['ssh-ed25519', 'ssh-rsa'])
  })

  it('adds a key to a name that has none, and only then', () => {
    const keys = new KnownKeys('')
    keys.add('node1', one)
    keys.add('node1', two)
    expect(keys.toString()).toBe(`node1 ssh-ed25519 ${one.key}\n`)
    expect(keys.of('node1')).toEqual([one])
  })

  it('removes names, and a line with its last name', () => {
    const keys = new KnownKeys(`node1,node2 ssh-ed25519 ${one.key}\nnode3 ssh-ed25519 ${two.key}\n`)
    keys.remove(['node2', 'node3'])
    expect(keys.toString()).toBe(`node1 ssh-ed25519 ${one.key}\n`)
    expect(keys.of('node3')).toEqual([])
  })

  it('keeps what it does not understand', () => {
    const text = `# a comment\n@revoked node1 ssh-ed25519 ${one.key}\nhalf a line\n`
    const keys = new KnownKeys(text)
    keys.remove(['node1'])
    expect(keys.of('node1')).toEqual([])
    expect(keys.toString()).toBe(text)
  })

  it('reads and removes names that OpenSSH has hashed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'belt-known-keys-'))
    try {
      const file = join(folder, 'known_hosts')
      const line = `${newKeyPair().publicKey}\n`
      await writeFile(file, `node1 ${line}node2 ${line}`)
      execFileSync('ssh-keygen', ['-H', '-f', file], { stdio: 'ignore' })
      const keys = new KnownKeys(await readFile(file, 'utf8'))
      expect(keys.toString()).not.toContain('node1')
      expect(keys.of('node1').map(({ type }) => type)).toEqual(['ssh-ed25519'])
      keys.remove(['node1'])
      expect(keys.of('node1')).toEqual([])
      expect(keys.of('node2')).toHaveLength(1)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

describe('a host key', () => {
  const { publicKey } = newKeyPair()

  it('is read from its form on the wire', () => {
    const [type, base64] = publicKey.split(' ')
    expect(hostKeyFrom(Buffer.from(base64 as string, 'base64'))).toEqual({ type, key: base64 })
  })

  it('has the fingerprint that OpenSSH shows', () => {
    const shown = execFileSync('ssh-keygen', ['-lf', '-'], { input: publicKey, encoding: 'utf8' })
    const [type, base64] = publicKey.split(' ') as [string, string]
    expect(shown.split(' ')[1]).toBe(fingerprint({ type, key: base64 }))
  })

  it('is the same only with the same type', () => {
    expect(sameKey(one, { ...one })).toBe(true)
    expect(sameKey(one, two)).toBe(false)
    expect(sameKey(one, { ...one, type: 'ssh-rsa' })).toBe(false)
  })
})
