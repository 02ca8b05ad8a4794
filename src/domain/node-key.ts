import { createPrivateKey } from 'node:crypto'
import nacl from 'tweetnacl'
import { bytesOf, fieldsOf, numberOf } from './protobuf.ts'

/** The engine's number for NaCl's secretbox, the only encryption it uses outside of FIPS mode. */
const SECRETBOX = 1
const DATA_FIELD = 2
/** Headers of a key file that contain the keys for the Raft log. */
const LOG_KEYS = ['raft-dek', 'raft-dek-pending']
const PEM = /^-----BEGIN ([A-Z ]+)-----\n((?:[A-Za-z-]+: .*\n)*)\n?([A-Za-z0-9+/=\n]+)-----END \1-----\s*$/

/** Whether a node's key file can only be used with the unlock key of its swarm. */
export function isLocked(keyFile: string): boolean {
  return keyFile.includes('ENCRYPTED PRIVATE KEY')
}

/**
 * Removes autolock from a node's key file without an engine. An engine can unlock it only with a majority of managers, and
 * cannot force a new cluster from a locked manager.
 * @param unlockKey as printed by the engine, `SWMKEY-1-…`
 * @returns the file as the engine writes it without autolock
 * @throws Error with a readable message if the key is wrong or the file has an unknown format
 */
export function unlockNodeKey(keyFile: string, unlockKey: string): string {
  const [, , headers = '', body = ''] = PEM.exec(keyFile.replaceAll('\r', '')) ?? []
  if (body === '') throw new Error("the node's key cannot be read")
  const passphrase = keyBytes(unlockKey)
  const opened = headers
    .trimEnd()
    .split('\n')
    .map(line => openHeader(line, passphrase))
  const key = decrypted(body, passphrase)
  return key.replace('\n', `\n${opened.join('\n')}\n\n`)
}

function keyBytes(unlockKey: string): Buffer {
  const encoded = /^SWMKEY-1-([A-Za-z0-9+/]+)=*$/.exec(unlockKey)?.[1]
  const bytes = Buffer.from(encoded ?? '', 'base64')
  if (bytes.length === nacl.secretbox.keyLength) return bytes
  throw new Error('not a valid unlock key: unlock keys start with SWMKEY-1-')
}

function decrypted(body: string, passphrase: Buffer): string {
  const pem = `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${body}-----END ENCRYPTED PRIVATE KEY-----\n`
  try {
    return createPrivateKey({ key: pem, passphrase }).export({ type: 'pkcs8', format: 'pem' }).toString()
  } catch (cause) {
    throw new Error('the unlock key is not the one of this backup', { cause })
  }
}

function openHeader(line: string, key: Buffer): string {
  const [name = '', value = ''] = line.split(': ')
  // The engine refuses a version that it has seen with another key.
  if (name === 'kek-version') return 'kek-version: 0'
  if (!LOG_KEYS.includes(name)) return line
  const record = fieldsOf(Buffer.from(value, 'base64'))
  if (numberOf(record, 1) !== SECRETBOX) throw new Error(`${name} uses an unknown encryption`)
  const plain = nacl.secretbox.open(bytesOf(record, DATA_FIELD), bytesOf(record, 3), key)
  if (!plain) throw new Error('the unlock key is not the one of this backup')
  const field = [(DATA_FIELD << 3) | 2, plain.length]
  return `${name}: ${Buffer.from([...field, ...plain]).toString('base64')}`
}
