import type { RunInstancesCommandInput, Subnet, Tag } from '@aws-sdk/client-ec2'
import type { ClusterContext } from '../driver.ts'
import type { Ec2 } from './ec2.ts'
import { Ec2Error } from './ec2-error.ts'
import { findImage, type MachineImage } from './image.ts'
import { ensureKeyPair, findKeyPair } from './key-pair.ts'
import type { Ec2Options } from './options.ts'
import { ensureGroup, findGroups } from './security-group.ts'
import { architectureOf } from './sizes.ts'

/** What all machines created in one run and region share. */
export interface InstanceSite {
  readonly ec2: Ec2
  readonly cluster: string
  readonly operation: string
  readonly keyName: string
  readonly groups: readonly string[]
  readonly volumeSize: number | undefined
  readonly userData: string | undefined
  /** The create's script for the first boot. */
  readonly script: string | undefined
  readonly tags: readonly Tag[]
  /** The login user on machines with this image. */
  userOf(image: MachineImage): string
  /** The image for an instance type. */
  imageFor(type: string): Promise<MachineImage>
}

/** @throws if a prerequisite is not available; nothing that costs money has been created then */
export async function prepareInstanceSite(
  ec2: Ec2,
  options: Ec2Options,
  context: ClusterContext,
  { operation, script }: Pick<InstanceSite, 'operation' | 'script'>,
  types: readonly string[],
): Promise<InstanceSite> {
  const { cluster } = context
  const images = new Map<string, Promise<MachineImage>>()
  const imageFor = (type: string) => {
    const architecture = architectureOf(type)
    const image = images.get(architecture) ?? findImage(ec2, options.image, architecture)
    images.set(architecture, image)
    return image
  }
  await Promise.all(types.map(imageFor))
  const keyName = options.key_name
    ? await findKeyPair(ec2, options.key_name)
    : await ensureKeyPair(ec2, cluster, await context.publicKeys())
  return {
    ec2,
    cluster,
    operation,
    keyName,
    groups: await groupsFor(ec2, options, cluster),
    volumeSize: options.volume_size,
    userData: options.user_data,
    script,
    tags: Object.entries(options.tags).map(([Key, Value]) => ({ Key, Value })),
    userOf: image => options.ssh_user ?? image.user,
    imageFor,
  }
}

/** The placement of an instance: a configured subnet or zone. */
export function placement(place: string | undefined): Partial<RunInstancesCommandInput> {
  if (place === undefined) return {}
  return place.startsWith('subnet-') ? { SubnetId: place } : { Placement: { AvailabilityZone: place } }
}

async function groupsFor(ec2: Ec2, options: Ec2Options, cluster: string): Promise<string[]> {
  const wanted = [options.security_group ?? []].flat()
  const vpc = await vpcOf(ec2, [options.subnet ?? []].flat())
  if (wanted.length > 0) return await findGroups(ec2, vpc, wanted)
  return [await ensureGroup(ec2, cluster, vpc, [options.ssh_from].flat())]
}

/** @throws Ec2Error if the subnets are in several VPCs, or none is configured and the region has no default VPC */
async function vpcOf(ec2: Ec2, subnets: readonly string[]): Promise<string> {
  if (subnets.length === 0) return await defaultVpc(ec2)
  const { Subnets = [] } = await ec2.call(
    'DescribeSubnets',
    { SubnetIds: [...subnets] },
    { what: `looking for the subnets ${subnets.join(', ')}` },
  )
  const vpcs = new Set(Subnets.map((subnet: Subnet) => subnet.VpcId))
  const [vpc] = vpcs
  if (vpcs.size === 1 && vpc !== undefined) return vpc
  throw new Ec2Error('several-vpcs', `the subnets ${subnets.join(', ')} are in ${vpcs.size} VPCs`, {
    hint: 'all machines of a cluster must be in one VPC: set ec2.subnet to subnets of one VPC',
  })
}

async function defaultVpc(ec2: Ec2): Promise<string> {
  const { Vpcs = [] } = await ec2.call(
    'DescribeVpcs',
    { Filters: [{ Name: 'is-default', Values: ['true'] }] },
    { what: 'looking for the default VPC' },
  )
  const id = Vpcs[0]?.VpcId
  if (id !== undefined) return id
  throw new Ec2Error('no-default-vpc', `${ec2.region} has no default VPC in this account`, {
    hint: 'set ec2.subnet to the id of a subnet, or create a default VPC: aws ec2 create-default-vpc',
  })
}
