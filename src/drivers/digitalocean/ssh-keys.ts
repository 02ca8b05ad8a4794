import { createHash } from 'node:crypto'
import { precheckError } from '../../errors.ts'
import type { ClusterContext } from '../driver.ts'
import type { Api } from './api.ts'
import type { SshKey } from './vendor.ts'

type Reference = string | number

const FINGERPRINT = /^([0-9a-f]{2}:){15}[0-9a-f]{2}$/i

/**
 * Finds the SSH keys to authorize on new droplets: the configured keys, otherwise the user's keys that are on the account.
 * Never adds keys to the account.
 * @returns ids and fingerprints, as the API accepts them
 * @throws a precheck error if there is none
 */
export async function resolveKeys(
  api: Api,
  written: Reference | readonly Reference[] | undefined,
  context: ClusterContext,
): Promise<Reference[]> {
  const references = written === undefined ? [] : [written].flat()
  if (references.length === 0) return await ownKeys(api, context)
  // An id or fingerprint needs no lookup, for which the token may not have permission.
  if (references.every(isDefinite)) return references.map(asReference)
  const keys = await api.keys()
  return references.map(reference => (isDefinite(reference) ? asReference(reference) : idOf(reference, keys)))
}

function isDefinite(reference: Reference): boolean {
  return /^\d+$/.test(String(reference)) || FINGERPRINT.test(String(reference))
}

function asReference(reference: Reference): Reference {
  return /^\d+$/.test(String(reference)) ? Number(reference) : reference
}

function idOf(reference: Reference, keys: readonly SshKey[]): number {
  const key = keys.find(key => key.name === reference || sha256(key.public_key) === reference)
  if (key) return key.id
  throw precheckError('bad-key', `the account has no SSH key ${reference}`, {
    hint: `set digitalocean.ssh_key_fingerprint to one of: ${keys.map(({ name }) => name).join(', ') || '(there are none yet; add one with doctl compute ssh-key import)'}`,
  })
}

async function ownKeys(api: Api, context: ClusterContext): Promise<number[]> {
  const own = new Set((await context.publicKeys()).map(md5))
  const ids = (await api.keys()).filter(key => own.has(key.fingerprint)).map(key => key.id)
  if (ids.length > 0) return ids
  throw precheckError('key-not-on-account', 'none of your SSH keys is on the DigitalOcean account', {
    hint: [
      'add one: doctl compute ssh-key import NAME --public-key-file ~/.ssh/id_ed25519.pub, or in the control panel',
      'under Settings, Security; or set digitalocean.ssh_key_fingerprint to a key on the account',
    ].join(' '),
  })
}

function md5(publicKey: string): string {
  return createHash('md5')
    .update(blobOf(publicKey))
    .digest('hex')
    .replace(/..(?=.)/g, '$&:')
}

/** In the format of ssh-keygen -l. */
function sha256(publicKey: string): string {
  return `SHA256:${createHash('sha256').update(blobOf(publicKey)).digest('base64').replace(/=+$/, '')}`
}

function blobOf(publicKey: string): Buffer {
  return Buffer.from(publicKey.split(' ')[1] ?? '', 'base64')
}
