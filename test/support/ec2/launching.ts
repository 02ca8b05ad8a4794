import type { Context, Handler } from './context.ts'
import { type Instance, instanceXml } from './instance.ts'
import { type QueryStructure, structure, structures, text, texts } from './query.ts'
import { Refusal } from './refusal.ts'
import type { Subnet } from './region.ts'
import { tagsFor } from './tags.ts'

const MAX_USER_DATA = 16_384

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html */
export const RunInstances: Handler = (query, context) => {
  const { region } = context
  const token = text(query, 'ClientToken') ?? ''
  const request = JSON.stringify(query)
  const before = region.tokens.get(token)
  if (before) return reservationXml(repeated(before, request, context))
  const subnet = subnetFor(query, context)
  checkReferences(query, context, subnet)
  const instances = launched(query, context, subnet, roomFor(query, context, subnet))
  region.tokens.set(token, { request, ids: instances.map(({ id }) => id) })
  return reservationXml(instances)
}

/** https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html */
function repeated(
  before: { request: string; ids: readonly string[] },
  request: string,
  { region }: Context,
): Instance[] {
  if (before.request !== request) {
    throw new Refusal(
      'IdempotentParameterMismatch',
      'The client token you have provided is associated with a resource that does not match the request',
    )
  }
  const instances = before.ids.flatMap(id => region.instances.get(id) ?? [])
  if (instances.length < before.ids.length || instances.some(({ state }) => state === 'terminated')) {
    throw new Refusal(
      'IdempotentInstanceTerminated',
      'The client token is associated with an instance that has been terminated',
    )
  }
  return instances
}

function launched(query: QueryStructure, context: Context, subnet: Subnet, count: number): Instance[] {
  const { region, clock, lagMs, life } = context
  const reservation = context.newId('r')
  return Array.from({ length: count }, (_, launchIndex) => {
    const instance: Instance = {
      id: context.newId('i'),
      reservation,
      launchIndex,
      imageId: text(query, 'ImageId') ?? '',
      type: text(query, 'InstanceType') ?? '',
      keyName: text(query, 'KeyName'),
      groups: texts(query, 'SecurityGroupId'),
      subnetId: subnet.id,
      vpcId: subnet.vpcId,
      zone: subnet.zone,
      userData: text(query, 'UserData') ?? '',
      tags: tagsFor(query, 'instance'),
      launchTime: new Date(),
      visibleAt: clock.now() + lagMs,
      state: 'pending',
    }
    region.instances.set(instance.id, instance)
    life.boot(instance)
    return instance
  })
}

function subnetFor(query: QueryStructure, { region }: Context): Subnet {
  const id = text(query, 'SubnetId')
  const zone = text(structure(query, 'Placement'), 'AvailabilityZone')
  const found = region.subnets.find(subnet =>
    id === undefined
      ? subnet.vpcId === region.defaultVpc && (zone === undefined || subnet.zone === zone)
      : subnet.id === id,
  )
  if (found) return found
  if (id !== undefined) throw new Refusal('InvalidSubnetID.NotFound', `The subnet ID '${id}' does not exist`)
  if (region.defaultVpc === undefined) throw new Refusal('VPCIdNotSpecified', 'No default VPC for this user')
  throw new Refusal('InvalidParameterValue', `Invalid availability zone: [${zone}]`)
}

function checkReferences(query: QueryStructure, { region }: Context, subnet: Subnet): void {
  const image = text(query, 'ImageId') ?? ''
  const type = text(query, 'InstanceType') ?? ''
  const key = text(query, 'KeyName')
  const isResolved = image.startsWith('resolve:ssm:/aws/service/')
  if (!isResolved && !region.images.some(({ id }) => id === image))
    throw new Refusal('InvalidAMIID.NotFound', `The image id '[${image}]' does not exist`)
  if (!/^[a-z]+\d[a-z]*\.(nano|micro|small|medium|large|\d*xlarge)$/.test(type))
    throw new Refusal('InvalidParameterValue', `Invalid value '${type}' for InstanceType.`)
  if (key !== undefined && !region.keyPairs.has(key))
    throw new Refusal('InvalidKeyPair.NotFound', `The key pair '${key}' does not exist`)
  for (const id of texts(query, 'SecurityGroupId')) {
    if (region.groups.get(id)?.vpcId !== subnet.vpcId)
      throw new Refusal('InvalidGroup.NotFound', `The security group '${id}' does not exist`)
  }
  if (Buffer.from(text(query, 'UserData') ?? '', 'base64').length > MAX_USER_DATA)
    throw new Refusal('InvalidParameterValue', 'User data is limited to 16384 bytes')
  for (const { Tag } of structures(query, 'TagSpecification'))
    if (Array.isArray(Tag) && Tag.length > 50) throw new Refusal('TagLimitExceeded', 'More than 50 tags')
}

/** How many instances there will be: as many as possible between the least and the most. */
function roomFor(query: QueryStructure, context: Context, subnet: Subnet): number {
  const { region, instanceLimit } = context
  const least = Number(text(query, 'MinCount'))
  const most = Number(text(query, 'MaxCount'))
  const there = [...region.instances.values()].filter(({ state }) => state !== 'terminated').length
  if (there + least > instanceLimit) {
    throw new Refusal(
      'VcpuLimitExceeded',
      `You have requested more vCPU capacity than your current vCPU limit of ${instanceLimit} allows`,
    )
  }
  const room = region.room.get(subnet.zone) ?? Number.POSITIVE_INFINITY
  if (room < least) {
    throw new Refusal(
      'InsufficientInstanceCapacity',
      `We currently do not have sufficient ${text(query, 'InstanceType')} capacity in the Availability Zone you requested (${subnet.zone}).`,
      500,
    )
  }
  const count = Math.min(most, room, instanceLimit - there)
  if (region.room.has(subnet.zone)) region.room.set(subnet.zone, room - count)
  return count
}

function reservationXml(instances: readonly Instance[]) {
  return {
    reservationId: instances[0]?.reservation,
    ownerId: '123456789012',
    instancesSet: instances.map(instanceXml),
  }
}
