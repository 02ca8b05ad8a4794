import { createHash } from 'node:crypto'
import type { KeyPairInfo } from '@aws-sdk/client-ec2'
import { precheckError } from '../../errors.ts'
import type { Ec2 } from './ec2.ts'
import { isRefusal } from './ec2-error.ts'
import { clusterTagFilter, clusterTags } from './tags.ts'

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/create-key-pairs.html#how-to-generate-your-own-key-and-import-it-to-aws */
const ACCEPTED = /^ssh-(ed25519|rsa) /

/** @throws Ec2Error if the region has no key pair with this name */
export async function findKeyPair(ec2: Ec2, name: string): Promise<string> {
  await ec2.call('DescribeKeyPairs', { KeyNames: [name] }, { what: `looking for the key pair ${name}` })
  return name
}

/**
 * Ensures that the cluster has a key pair: the user's first public key of a type that EC2 accepts, imported once. Another
 * user's key is imported as a separate key pair.
 * @returns its name
 * @throws a precheck error if there is no such key
 */
export async function ensureKeyPair(ec2: Ec2, cluster: string, keys: readonly string[]): Promise<string> {
  const key = keys.find(line => ACCEPTED.test(line))
  if (key === undefined) {
    throw precheckError('no-public-key', 'no SSH public key found that EC2 accepts (ed25519 or RSA)', {
      hint: 'create one (ssh-keygen -t ed25519), or set ec2.key_name to an existing key pair in the region',
    })
  }
  const known = await describe(ec2, cluster)
  const same = known.find(pair => blobOf(pair.PublicKey ?? '') === blobOf(key))
  if (same?.KeyName !== undefined) return same.KeyName
  const name = known.length === 0 ? `belt-${cluster}` : uniqueName(cluster, key)
  try {
    return await importKey(ec2, cluster, name, key)
  } catch (error) {
    if (!isRefusal(error, /^InvalidKeyPair\.Duplicate$/)) throw error
    return await importUnderUniqueName(ec2, cluster, key)
  }
}

/** Removes the cluster's key pairs; existing machines are not affected. */
export async function removeKeyPairs(ec2: Ec2, cluster: string): Promise<void> {
  for (const { KeyPairId, KeyName } of await describe(ec2, cluster))
    await ec2.call('DeleteKeyPair', { KeyPairId }, { what: `removing the key pair ${KeyName}` })
}

/** The name is taken: by the same key, for example because an answer was lost, or by an unrelated key pair. */
async function importUnderUniqueName(ec2: Ec2, cluster: string, key: string): Promise<string> {
  const same = (await describe(ec2, cluster)).find(pair => blobOf(pair.PublicKey ?? '') === blobOf(key))
  if (same?.KeyName !== undefined) return same.KeyName
  const name = uniqueName(cluster, key)
  try {
    return await importKey(ec2, cluster, name, key)
  } catch (error) {
    // The name is derived from the key.
    if (isRefusal(error, /^InvalidKeyPair\.Duplicate$/)) return name
    throw error
  }
}

async function importKey(ec2: Ec2, cluster: string, KeyName: string, key: string): Promise<string> {
  await ec2.call(
    'ImportKeyPair',
    {
      KeyName,
      PublicKeyMaterial: Buffer.from(key),
      TagSpecifications: [{ ResourceType: 'key-pair', Tags: clusterTags(cluster) }],
    },
    { what: `importing the key pair ${KeyName}` },
  )
  return KeyName
}

async function describe(ec2: Ec2, cluster: string): Promise<KeyPairInfo[]> {
  const { KeyPairs = [] } = await ec2.call(
    'DescribeKeyPairs',
    { Filters: [clusterTagFilter(cluster)], IncludePublicKey: true },
    { what: 'looking for the key pair' },
  )
  return KeyPairs
}

function uniqueName(cluster: string, key: string): string {
  const hash = createHash('sha256').update(blobOf(key)).digest('hex')
  return `belt-${cluster}-${hash.slice(0, 12)}`
}

/** The key without its comment. */
function blobOf(line: string): string {
  return line.trim().split(/\s+/).slice(0, 2).join(' ')
}
