import { z } from 'zod'

const text = z.string().min(1)
const oneOrMore = z.union([text, z.array(text).min(1)])
/** Part of the hostname that requests go to. */
const region = z.string().regex(/^[a-z0-9-]+$/, 'must be a region such as us-west-1')
const cidr = z.cidrv4('must be an IPv4 CIDR such as 203.0.113.7/32')

/** The keys under `ec2:`. */
export const ec2Options = z.strictObject({
  region: z
    .union([region, z.array(region).min(1)])
    .optional()
    .describe(
      "Region such as us-west-1, or a list (default: AWS_REGION or the profile's region). Machines are spread evenly over a list, unless their name starts with a region (us-west-1-node1)",
    ),
  zones: oneOrMore
    .optional()
    .describe('Availability zone, or a list to spread machines over evenly (default: chosen by EC2)'),
  subnet: oneOrMore
    .optional()
    .describe('Subnet id, or a list to spread machines over evenly (default: subnets of the default VPC)'),
  image: text
    .default('ubuntu-24.04')
    .describe(
      'Image: a name such as ubuntu-24.04 or debian-12, an id (ami-…), or a parameter (resolve:ssm:…)',
    ),
  size: text
    .default('1gb')
    .describe('Instance type such as t3.small, or an amount of memory, which selects the matching t3 type'),
  volume_size: z.coerce
    .number()
    .int()
    .min(1)
    .max(65536)
    .optional()
    .describe("Disk size in GiB (default: the image's)"),
  key_name: text
    .optional()
    .describe('Name of a key pair in the region (default: your public key, imported as belt-CLUSTER)'),
  security_group: oneOrMore
    .optional()
    .describe(
      'Id or name of a security group, or a list (default: a group belt-CLUSTER, created for the swarm)',
    ),
  ssh_from: z
    .union([cidr, z.array(cidr).min(1)])
    .default('0.0.0.0/0')
    .describe('CIDR, or a list, that the security group created by Belt allows SSH from'),
  ssh_user: text
    .optional()
    .describe("User to log in as over SSH (default: the image's user, such as ubuntu, admin or ec2-user)"),
  profile: text.optional().describe('Profile in ~/.aws/config (default: AWS_PROFILE)'),
  user_data: text
    .optional()
    .describe('cloud-init user data to run at the first boot, such as a #cloud-config'),
  tags: z
    .record(z.string().min(1).max(128), z.string().max(256))
    .default({})
    .describe("Tags for machines and their volumes, in addition to Belt's"),
})

export type Ec2Options = z.output<typeof ec2Options>
