import { z } from 'zod'

const text = z.string().min(1)
const oneOrMore = z.union([text, z.array(text).min(1)])
const cidr = z.cidrv4('must be a range of IPv4 addresses, such as 203.0.113.7/32')

/** The keys under `ec2:`. */
export const ec2Options = z.strictObject({
  region: oneOrMore
    .optional()
    .describe(
      'Region, such as us-west-1; AWS_REGION or the one of the profile unless told. With a list, machines are spread over them evenly, or go where their name says (us-west-1-node1), and are looked for in all',
    ),
  zones: oneOrMore
    .optional()
    .describe(
      'Availability zone, or a list of zones that machines are spread over evenly; EC2 picks unless told',
    ),
  subnet: oneOrMore
    .optional()
    .describe(
      'Id of a subnet, or a list that machines are spread over evenly; those of the default VPC unless told',
    ),
  image: text
    .default('ubuntu-24.04')
    .describe(
      'ubuntu-24.04, debian-12 and the like, ami-…, or resolve:ssm:… for the image that a parameter names',
    ),
  size: text
    .default('1gb')
    .describe(
      'Instance type such as t3.small, or an amount of memory, for which the t3 type that has it is taken',
    ),
  volume_size: z.coerce
    .number()
    .int()
    .min(1)
    .max(65536)
    .optional()
    .describe("Size of the disk in GiB; the image's own unless told"),
  key_name: text
    .optional()
    .describe(
      'Key pair of the region that may log in; your public key is imported as belt-CLUSTER unless told',
    ),
  security_group: oneOrMore
    .optional()
    .describe('Id or name of a security group, or a list; belt-CLUSTER is made for the swarm unless told'),
  ssh_from: z
    .union([cidr, z.array(cidr).min(1)])
    .default('0.0.0.0/0')
    .describe(
      'Addresses that SSH is allowed from, as a range or a list of them, in the security group that Belt makes',
    ),
  ssh_user: text
    .optional()
    .describe("User that SSH logs in as; the image's own (ubuntu, admin, ec2-user) unless told"),
  profile: text.optional().describe('Profile of ~/.aws/config with the credentials; AWS_PROFILE unless told'),
  user_data: text.optional().describe('cloud-init user data for the first start, such as a #cloud-config'),
  tags: z
    .record(z.string().min(1).max(128), z.string().max(256))
    .default({})
    .describe('Tags that machines and their volumes get besides those of Belt'),
})

export type Ec2Options = z.output<typeof ec2Options>
