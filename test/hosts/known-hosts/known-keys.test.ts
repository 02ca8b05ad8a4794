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
const trusted = (keys: KnownKeys, name: string) => keys.of(name).trusted

describe('the content of known_hosts', () => {
  it('finds keys by name, also behind other names and with a comment', () => {
    const keys = new KnownKeys(`node1,10.0.0.1 ssh-ed25519 ${one.key} made today\nnode2 ssh-rsa ${two.key}\n`)
    expect(trusted(keys, 'node1')).toEqual([one])
    expect(trusted(keys, '10.0.0.1')).toEqual([one])
    expect(trusted(keys, 'node2')).toEqual([{ type: 'ssh-rsa', key: two.key }])
    expect(trusted(keys, 'node3')).toEqual([])
  })

  it('finds every key of a name', () => {
    const keys = new KnownKeys(`node1 ssh-ed25519 ${one.key}\nnode1 ssh-rsa ${two.key}\n`)
    expect(trusted(keys, 'node1').map(({ type }) => type)).toEqual(['ssh-ed25519', 'ssh-rsa'])
  })

  it('adds a key to a name that has none, and only then', () => {
    const keys = new KnownKeys('')
    keys.add('node1', one)
    keys.add('node1', two)
    expect(keys.toString()).toBe(`node1 ssh-ed25519 ${one.key}\n`)
    expect(trusted(keys, 'node1')).toEqual([one])
  })

  it('removes names, and a line with its last name', () => {
    const keys = new KnownKeys(`node1,node2 ssh-ed25519 ${one.key}\nnode3 ssh-ed25519 ${two.key}\n`)
    keys.remove(['node2', 'node3'])
    expect(keys.toString()).toBe(`node1 ssh-ed25519 ${one.key}\n`)
    expect(trusted(keys, 'node3')).toEqual([])
  })

  it('keeps markers, patterns and what it does not understand', () => {
    const text = `# a comment\n@revoked node1 ssh-ed25519 ${one.key}\nno*1,!nose1 ssh-ed25519 ${two.key}\nhalf a line\n`
    const keys = new KnownKeys(text)
    keys.remove(['node1'])
    expect(keys.toString()).toBe(text)
  })

  it.each([
    ['*', 'node1', true],
    ['node?', 'node1', true],
    ['node?', 'node12', false],
    ['n*1,!node1', 'node1', false],
    ['n*1,!node1', 'node11', true],
    ['!node1', 'node2', false],
    ['NODE1', 'node1', true],
    ['node1', 'NODE1', true],
    ['n*.example.com', 'nXexample.com', false],
    ['[bastion.example.com]:2222', '[bastion.example.com]:2222', true],
    ['[bastion.example.com]:*', '[bastion.example.com]:2222', true],
    ['bastion.example.com', '[bastion.example.com]:22', true],
    ['*.example.com', '[bastion.example.com]:22', true],
    ['bastion.example.com', '[bastion.example.com]:2222', false],
  ])('compares %s with %s as sshd(8) says: %s', (pattern, name, fits) => {
    const keys = new KnownKeys(`${pattern} ssh-ed25519 ${one.key}\n`)
    expect(trusted(keys, name)).toEqual(fits ? [one] : [])
  })

  it('knows revoked keys and authorities by pattern, and trusts neither', () => {
    const text = `@revoked * ssh-ed25519 ${one.key}\nnode1 ssh-ed25519 ${one.key}\n@cert-authority node* ssh-ed25519 ${two.key}\n`
    const standing = new KnownKeys(text).of('node1')
    expect(standing).toMatchObject({ trusted: [], revoked: [one], hasAuthority: true })
    expect(new KnownKeys(text).of('web')).toMatchObject({ revoked: [one], hasAuthority: false })
  })

  it('takes a pattern full of stars without delay', () => {
    const keys = new KnownKeys(`${'*a'.repeat(200)}b ssh-ed25519 ${one.key}\n`)
    const start = performance.now()
    expect(trusted(keys, 'a'.repeat(5_000))).toEqual([])
    expect(performance.now() - start).toBeLessThan(2_000)
  })

  it('removes thousands of names of thousands of lines without delay', () => {
    const names = Array.from({ length: 40_000 }, (_, index) => `node${index}`)
    const keys = new KnownKeys(names.map(name => `${name},all ssh-ed25519 ${one.key}\n`).join(''))
    const start = performance.now()
    keys.remove(names)
    expect(performance.now() - start).toBeLessThan(15_000)
    expect(trusted(keys, 'all')).toHaveLength(40_000)
    expect(trusted(keys, 'node7')).toEqual([])
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
      expect(trusted(keys, 'node1').map(({ type }) => type)).toEqual(['ssh-ed25519'])
      keys.remove(['node1'])
      expect(trusted(keys, 'node1')).toEqual([])
      expect(trusted(keys, 'node2')).toHaveLength(1)
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
