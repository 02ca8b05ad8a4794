import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Workplace } from '../belt.ts'
import { newKeyPair } from '../sshd.ts'
import { FakeSsh, type FakeSshSettings } from './server.ts'

/** How many hosts have addresses that begin alike. */
const ROW = 200

/**
 * Fake hosts node1, node2 and so on, which belt reaches in the folder of a workplace. Their addresses end with the digit
 * that their names do.
 */
export async function fakeHosts(
  { folder }: Workplace,
  count: number,
  settings: Omit<FakeSshSettings, 'hostKey'> & { connectTimeout?: string } = {},
): Promise<FakeSsh> {
  const key = join(folder, 'key')
  writeFileSync(key, newKeyPair().privateKey, { mode: 0o600 })
  const { connectTimeout = '2m', ...more } = settings
  const fake = await FakeSsh.start({ hostKey: key, ...more })
  const hosts = Array.from({ length: Math.ceil(count / ROW) }, (_, row) => {
    const last = Math.min(ROW, count - row * ROW)
    const names = `node[${row * ROW + 1}:${row * ROW + last}]`
    return `    - { name: '${names}', address: '127.1.${row}.[1:${last}]', port: ${fake.port} }\n`
  })
  const ssh = `ssh: { private_key: ${key}, connect_timeout: ${connectTimeout} }`
  writeFileSync(join(folder, '.belt.yaml'), `name: t\n${ssh}\nstatic:\n  hosts:\n${hosts.join('')}`)
  return fake
}
