import { createHash } from 'node:crypto'
import type { KeyPairInfo } from '@aws-sdk/client-ec2'
import { precheckError } from '../../errors.ts'
import type { Ec2 } from './ec2.ts'
import { isRefusal } from './ec2-error.ts'
import { clusterFilter, clusterTags } from './tags.ts'

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/create-key-pairs.html#how-to-generate-your-own-key-and-import-it-to-aws */
const ACCEPTED = /^ssh-(ed25519|rsa) /

/** @throws Ec2Error when the region has no key pair of this name */
export async function findKeyPair(ec2: Ec2, name: string): Promise<string> {
  await ec2.call('DescribeKeyPairs', { KeyNames: [name] }, { what: `looking for the key pair ${name}` })
  return name
}

/**
 * Provides the key pair that new machines let in: the first public key of a kind that EC2 takes, imported once for
 * the cluster. A colleague's other key becomes a key pair of its own.
 * @returns its name
 * @throws a precheck error when there is no such key
 */
export async function ensureKeyPair(ec2: Ec2, cluster: string, keys: readonly string[]): Promise<string> {
  const key = keys.find(line => ACCEPTED.test(line))
  if (key === undefined) {
    throw precheckError('no-public-key', 'there is no public key that EC2 takes: it takes ed25519 and RSA', {
      hint: 'make one (ssh-keygen -t ed25519), or set ec2.key_name to a key pair of the region',
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
    return await takenOver(ec2, cluster, key)
  }
}

/** Removes the key pairs of the cluster; machines that they let in are not affected. */
export async function removeKeyPairs(ec2: Ec2, cluster: string): Promise<void> {
  for (const { KeyPairId, KeyName } of await describe(ec2, cluster))
    await ec2.call('DeleteKeyPair', { KeyPairId }, { what: `removing the key pair ${KeyName}` })
}

/** The name is taken: by the very key a moment ago, as by a call whose answer was lost, or by something foreign. */
async function takenOver(ec2: Ec2, cluster: string, key: string): Promise<string> {
  const same = (await describe(ec2, cluster)).find(pair => blobOf(pair.PublicKey ?? '') === blobOf(key))
  if (same?.KeyName !== undefined) return same.KeyName
  const name = uniqueName(cluster, key)
  try {
    return await importKey(ec2, cluster, name, key)
  } catch (error) {
    // The name tells the key.
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
    { Filters: [clusterFilter(cluster)], IncludePublicKey: true },
    { what: 'looking for the key pair' },
  )
  return KeyPairs
}

function uniqueName(cluster: string, key: string): string {
  const hash = createHash('sha256').update(blobOf(key)).digest('hex')
  return `belt-${cluster}-${hash.slice(0, 12)}`
}

/** The key itself, without its comment. */
function blobOf(line: string): string {
  return line.trim().split(/\s+/).slice(0, 2).join(' ')
}
