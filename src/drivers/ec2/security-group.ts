import type { IpPermission, SecurityGroup } from '@aws-sdk/client-ec2'
import type { Ec2 } from './ec2.ts'
import { Ec2Error, isRefusal } from './ec2-error.ts'
import { clusterTagFilter, clusterTags } from './tags.ts'

const SSH_PORT = 22

/** The ports that swarm nodes use among each other: https://docs.docker.com/engine/swarm/swarm-tutorial/#open-protocols-and-ports-between-the-hosts */
const SWARM_PORTS: readonly IpPermission[] = [
  { IpProtocol: 'tcp', FromPort: 2377, ToPort: 2377 },
  { IpProtocol: 'tcp', FromPort: 7946, ToPort: 7946 },
  { IpProtocol: 'udp', FromPort: 7946, ToPort: 7946 },
  { IpProtocol: 'udp', FromPort: 4789, ToPort: 4789 },
  // ESP, for encrypted overlay networks. It has no ports, for which -1 stands.
  { IpProtocol: '50', FromPort: -1, ToPort: -1 },
]

/**
 * Finds or creates the cluster's security group in a VPC. It allows the swarm's ports within the group, and SSH.
 * @returns its id
 */
export async function ensureGroup(
  ec2: Ec2,
  cluster: string,
  vpc: string,
  sshFrom: readonly string[],
): Promise<string> {
  const group = (await findOwn(ec2, cluster, vpc)) ?? (await makeGroup(ec2, cluster, vpc))
  const id = group.GroupId ?? ''
  const missing = rules(id, sshFrom).filter(rule => !allows(group, rule))
  for (const rule of missing) await allow(ec2, id, rule)
  return id
}

/**
 * Finds configured security groups, by id or name.
 * @returns their ids
 * @throws Ec2Error if one does not exist
 */
export async function findGroups(ec2: Ec2, vpc: string, wanted: readonly string[]): Promise<string[]> {
  const groups = await describe(ec2, [{ Name: 'vpc-id', Values: [vpc] }])
  return wanted.map(name => {
    const group = groups.find(({ GroupId, GroupName }) => GroupId === name || GroupName === name)
    if (group?.GroupId !== undefined) return group.GroupId
    throw new Ec2Error('no-such-group', `security group ${name} not found in ${vpc} (${ec2.region})`, {
      hint: 'set ec2.security_group to a group in this VPC, or remove it',
    })
  })
}

/** Removes the cluster's security groups, which is possible once its instances are terminated. */
export async function removeGroups(ec2: Ec2, cluster: string): Promise<void> {
  for (const { GroupId } of await describe(ec2, [clusterTagFilter(cluster)])) {
    try {
      await ec2.call('DeleteSecurityGroup', { GroupId }, { what: `removing the security group ${GroupId}` })
    } catch (error) {
      if (!isRefusal(error, /NotFound$/)) throw error
    }
  }
}

function rules(group: string, sshFrom: readonly string[]): IpPermission[] {
  return [
    ...SWARM_PORTS.map(port => ({ ...port, UserIdGroupPairs: [{ GroupId: group }] })),
    ...sshFrom.map(CidrIp => ({
      IpProtocol: 'tcp',
      FromPort: SSH_PORT,
      ToPort: SSH_PORT,
      IpRanges: [{ CidrIp, Description: 'SSH' }],
    })),
  ]
}

function allows(group: SecurityGroup, rule: IpPermission): boolean {
  return (group.IpPermissions ?? []).some(
    other =>
      other.IpProtocol === rule.IpProtocol &&
      portOf(other.FromPort) === portOf(rule.FromPort) &&
      portOf(other.ToPort) === portOf(rule.ToPort) &&
      (rule.UserIdGroupPairs ?? []).every(pair =>
        other.UserIdGroupPairs?.some(known => known.GroupId === pair.GroupId),
      ) &&
      (rule.IpRanges ?? []).every(range => other.IpRanges?.some(known => known.CidrIp === range.CidrIp)),
  )
}

/** EC2 leaves ports out of the rules of protocols that have none. */
function portOf(port: number | undefined): number {
  return port ?? -1
}

/** Adds one rule per call, because a call with several rules fails if one of them already exists. */
async function allow(ec2: Ec2, GroupId: string, rule: IpPermission): Promise<void> {
  try {
    await ec2.call(
      'AuthorizeSecurityGroupIngress',
      { GroupId, IpPermissions: [rule] },
      { what: `opening ports in the security group ${GroupId}`, justMade: true },
    )
  } catch (error) {
    if (!isRefusal(error, /^InvalidPermission\.Duplicate$/)) throw error
  }
}

async function makeGroup(ec2: Ec2, cluster: string, vpc: string): Promise<SecurityGroup> {
  const GroupName = `belt-${cluster}`
  try {
    const { GroupId } = await ec2.call(
      'CreateSecurityGroup',
      {
        GroupName,
        Description: `Swarm ${cluster}, created by Belt`,
        VpcId: vpc,
        TagSpecifications: [{ ResourceType: 'security-group', Tags: clusterTags(cluster) }],
      },
      { what: `creating the security group ${GroupName}` },
    )
    return { GroupId }
  } catch (error) {
    // Another Belt just created it, or this one did and the answer was lost.
    const group = isRefusal(error, /^InvalidGroup\.Duplicate$/)
      ? await findNamed(ec2, vpc, GroupName)
      : undefined
    if (!group) throw error
    return group
  }
}

async function findOwn(ec2: Ec2, cluster: string, vpc: string): Promise<SecurityGroup | undefined> {
  return (await describe(ec2, [clusterTagFilter(cluster), { Name: 'vpc-id', Values: [vpc] }]))[0]
}

async function findNamed(ec2: Ec2, vpc: string, name: string): Promise<SecurityGroup | undefined> {
  return (
    await describe(ec2, [
      { Name: 'group-name', Values: [name] },
      { Name: 'vpc-id', Values: [vpc] },
    ])
  )[0]
}

async function describe(ec2: Ec2, filters: { Name: string; Values: string[] }[]): Promise<SecurityGroup[]> {
  const groups: SecurityGroup[] = []
  let NextToken: string | undefined
  do {
    const page = await ec2.call(
      'DescribeSecurityGroups',
      { Filters: filters, MaxResults: 1000, ...(NextToken !== undefined && { NextToken }) },
      { what: 'looking for security groups' },
    )
    groups.push(...(page.SecurityGroups ?? []))
    NextToken = page.NextToken || undefined
  } while (NextToken !== undefined)
  return groups
}
