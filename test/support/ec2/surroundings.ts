import { createHash } from 'node:crypto'
import type { Handler } from './context.ts'
import { tagsXml } from './instance.ts'
import { structures, text, texts } from './query.ts'
import { Refusal } from './refusal.ts'
import type { Image, Permission } from './region.ts'
import { filterOf, tagsFor } from './tags.ts'

const untagged = new Map<string, string>()

export const DescribeImages: Handler = (query, { region }) => {
  const ids = texts(query, 'ImageId')
  const owners = texts(query, 'Owner')
  const missing = ids.find(id => !region.images.some(image => image.id === id))
  if (missing !== undefined)
    throw new Refusal('InvalidAMIID.NotFound', `The image id '[${missing}]' does not exist`)
  const matches = filterOf<Image & { tags: typeof untagged }>(query, {
    name: ({ name }) => name,
    architecture: ({ architecture }) => architecture,
    state: () => 'available',
  })
  const found = region.images
    .filter(({ id }) => ids.length === 0 || ids.includes(id))
    .filter(({ owner }) => owners.length === 0 || owners.includes(owner))
    .filter(image => matches({ ...image, tags: untagged }))
  return {
    imagesSet: found.map(({ id, name, created, architecture, rootDevice }) => ({
      imageId: id,
      name,
      creationDate: created,
      architecture,
      rootDeviceName: rootDevice,
    })),
  }
}

export const DescribeVpcs: Handler = (_query, { region }) => ({
  vpcSet: region.defaultVpc === undefined ? [] : [{ vpcId: region.defaultVpc, isDefault: true }],
})

export const DescribeSubnets: Handler = (query, { region }) => {
  const ids = texts(query, 'SubnetId')
  const missing = ids.find(id => !region.subnets.some(subnet => subnet.id === id))
  if (missing !== undefined)
    throw new Refusal('InvalidSubnetID.NotFound', `The subnet ID '${missing}' does not exist`)
  return {
    subnetSet: region.subnets
      .filter(({ id }) => ids.includes(id))
      .map(({ id, vpcId, zone }) => ({ subnetId: id, vpcId, availabilityZone: zone })),
  }
}

/** A type of its own, whose memory nobody knows beforehand, beside those that are asked for. */
export const DescribeInstanceTypes: Handler = query => ({
  instanceTypeSet: texts(query, 'InstanceType').map(instanceType => ({
    instanceType,
    memoryInfo: { sizeInMiB: 8192 },
  })),
})

export const DescribeSecurityGroups: Handler = (query, { region }) => {
  const matches = filterOf<ReturnType<typeof region.groups.get> & object>(query, {
    'vpc-id': ({ vpcId }) => vpcId,
    'group-name': ({ name }) => name,
  })
  return {
    securityGroupInfo: [...region.groups.values()].filter(matches).map(group => ({
      groupId: group.id,
      groupName: group.name,
      vpcId: group.vpcId,
      tagSet: tagsXml(group.tags),
      ipPermissions: group.permissions.map(permission => ({
        ipProtocol: permission.protocol,
        fromPort: permission.fromPort,
        toPort: permission.toPort,
        groups: permission.groups.map(groupId => ({ groupId })),
        ipRanges: permission.ranges.map(cidrIp => ({ cidrIp })),
      })),
    })),
  }
}

export const CreateSecurityGroup: Handler = (query, context) => {
  const name = text(query, 'GroupName') ?? ''
  const vpcId = text(query, 'VpcId') ?? context.region.defaultVpc ?? ''
  for (const group of context.region.groups.values()) {
    if (group.name === name && group.vpcId === vpcId) {
      const message = `The security group '${name}' already exists for VPC '${vpcId}'`
      throw new Refusal('InvalidGroup.Duplicate', message)
    }
  }
  const id = context.newId('sg')
  context.region.groups.set(id, { id, name, vpcId, tags: tagsFor(query, 'security-group'), permissions: [] })
  return { return: true, groupId: id }
}

export const AuthorizeSecurityGroupIngress: Handler = (query, { region }) => {
  const id = text(query, 'GroupId') ?? ''
  const group = region.groups.get(id)
  if (!group) throw new Refusal('InvalidGroup.NotFound', `The security group '${id}' does not exist`)
  const asked = structures(query, 'IpPermissions').map(
    (permission): Permission => ({
      protocol: text(permission, 'IpProtocol') ?? '',
      fromPort: text(permission, 'FromPort'),
      toPort: text(permission, 'ToPort'),
      groups: structures(permission, 'Groups').flatMap(pair => text(pair, 'GroupId') ?? []),
      ranges: structures(permission, 'IpRanges').flatMap(range => text(range, 'CidrIp') ?? []),
    }),
  )
  const there = new Set(group.permissions.map(permission => JSON.stringify(permission)))
  if (asked.some(permission => there.has(JSON.stringify(permission))))
    throw new Refusal('InvalidPermission.Duplicate', 'the specified rule already exists')
  group.permissions.push(...asked)
  return { return: true }
}

export const DeleteSecurityGroup: Handler = (query, { region }) => {
  const id = text(query, 'GroupId') ?? ''
  const isUsed = [...region.instances.values()].some(
    ({ groups, state }) => groups.includes(id) && state !== 'terminated',
  )
  if (isUsed) throw new Refusal('DependencyViolation', `resource ${id} has a dependent object`)
  if (!region.groups.delete(id))
    throw new Refusal('InvalidGroup.NotFound', `The security group '${id}' does not exist`)
  return { return: true }
}

export const DescribeKeyPairs: Handler = (query, { region }) => {
  const names = texts(query, 'KeyName')
  const missing = names.find(name => !region.keyPairs.has(name))
  if (missing !== undefined)
    throw new Refusal('InvalidKeyPair.NotFound', `The key pair '${missing}' does not exist`)
  const matches = filterOf<ReturnType<typeof region.keyPairs.get> & object>(query)
  const found = [...region.keyPairs.values()]
    .filter(({ name }) => names.length === 0 || names.includes(name))
    .filter(matches)
  const withKey = text(query, 'IncludePublicKey') === 'true'
  return {
    keySet: found.map(({ id, name, publicKey, tags }) => ({
      keyPairId: id,
      keyName: name,
      keyFingerprint: fingerprint(publicKey),
      publicKey: withKey ? publicKey : undefined,
      tagSet: tagsXml(tags),
    })),
  }
}

export const ImportKeyPair: Handler = (query, context) => {
  const name = text(query, 'KeyName') ?? ''
  const publicKey = Buffer.from(text(query, 'PublicKeyMaterial') ?? '', 'base64').toString()
  if (!/^ssh-(ed25519|rsa) /.test(publicKey))
    throw new Refusal('InvalidKey.Format', 'Key is not in valid OpenSSH public key format')
  if (context.region.keyPairs.has(name))
    throw new Refusal('InvalidKeyPair.Duplicate', `The keypair '${name}' already exists.`)
  const id = context.newId('key')
  context.region.keyPairs.set(name, { id, name, publicKey, tags: tagsFor(query, 'key-pair') })
  return { keyPairId: id, keyName: name, keyFingerprint: fingerprint(publicKey) }
}

export const DeleteKeyPair: Handler = (query, { region }) => {
  const id = text(query, 'KeyPairId')
  for (const pair of region.keyPairs.values()) if (pair.id === id) region.keyPairs.delete(pair.name)
  return { return: true }
}

function fingerprint(publicKey: string): string {
  return createHash('sha256').update(publicKey).digest('base64')
}
