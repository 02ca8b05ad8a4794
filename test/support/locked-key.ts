import { generateKeyPairSync } from 'node:crypto'
import nacl from 'tweetnacl'
import { message } from './raft-log.ts'

/** The key file of a node, and the same one as autolock leaves it. */
export function nodeKeys() {
  const unlockKey = Buffer.from(nacl.randomBytes(32))
  const logKey = Buffer.from(nacl.randomBytes(32))
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const plain = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const sealed = privateKey
    .export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: unlockKey as unknown as string,
    })
    .toString()
  const nonce = nacl.randomBytes(24)
  const record = message([1, 1], [2, nacl.secretbox(logKey, nonce, unlockKey)], [3, nonce])
  return {
    unlockKey: `SWMKEY-1-${unlockKey.toString('base64').replace(/=+$/, '')}`,
    open: withHeaders(plain, ['kek-version: 0', `raft-dek: ${message([2, logKey]).toString('base64')}`]),
    locked: withHeaders(sealed, ['kek-version: 94', `raft-dek: ${record.toString('base64')}`]),
  }
}

function withHeaders(pem: string, headers: readonly string[]): string {
  return pem.replace('\n', `\n${headers.join('\n')}\n\n`)
}
