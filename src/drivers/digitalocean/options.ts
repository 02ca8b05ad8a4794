import { z } from 'zod'
import { MAX_USER_DATA_BYTES } from './user-data.ts'

const text = z.string().min(1)
const idOrName = z.union([z.number().int().positive(), text])

/** Where other tools of DigitalOcean have the token. */
export const TOKEN_VARIABLE = 'DIGITALOCEAN_TOKEN'

/** The keys under `digitalocean:`. */
export const digitaloceanOptions = z.strictObject({
  access_token: text
    .optional()
    .describe('API token; prefer the environment variable DIGITALOCEAN_ACCESS_TOKEN'),
  api_url: z
    .url({ protocol: /^https?$/ })
    .refine(isPrivate, 'must begin with https://, because the token is sent there')
    .default('https://api.digitalocean.com')
    .describe('URL of the API'),
  region: z
    .union([text, z.array(text).min(1)])
    .optional()
    .describe(
      'Region of the machines, such as sgp1, or a list. Machines are spread evenly over a list, unless their name starts with a region (sgp1-node1)',
    ),
  size: text
    .optional()
    .describe('Default size: a slug such as s-1vcpu-1gb, or an amount of memory such as 1gb'),
  image: idOrName
    .default('ubuntu-24-04-x64')
    .describe(
      'Image slug, or id or name of a snapshot. It must contain a Docker Engine, or user_data must install one',
    ),
  ssh_key_fingerprint: z
    .union([idOrName, z.array(idOrName).min(1)])
    .optional()
    .describe(
      'Fingerprint, id or name of an SSH key on the account, or a list (default: your keys that are on the account)',
    ),
  ssh_user: text.default('root').describe('User to log in as over SSH'),
  vpc_uuid: z.uuid().optional().describe("VPC of the machines (default: the region's default VPC)"),
  tags: z
    .array(
      z.string().regex(/^[a-zA-Z0-9_:-]{1,255}$/, 'must be letters, digits, colons, hyphens and underscores'),
    )
    .default([])
    .describe("Tags for the machines, in addition to the cluster's tag"),
  user_data: text
    .refine(data => Buffer.byteLength(data) <= MAX_USER_DATA_BYTES, 'must be at most 64 KiB')
    .refine(isAscii, 'must be plain ASCII: DigitalOcean drops droplets whose user data is not')
    .optional()
    .describe('Script or cloud-config to run at the first boot'),
  monitoring: z.boolean().default(false).describe("Whether to install DigitalOcean's monitoring agent"),
  ipv6: z.boolean().default(false).describe('Whether to enable IPv6'),
  firewall: z
    .boolean()
    .default(false)
    .describe(
      "Whether to create a cloud firewall that allows only SSH, and the swarm's ports within the cluster",
    ),
  ssh_from: z
    .union([z.cidrv4(), z.cidrv6(), z.array(z.union([z.cidrv4(), z.cidrv6()])).min(1)])
    .default(['0.0.0.0/0', '::/0'])
    .describe('Addresses that the firewall allows SSH from, such as 203.0.113.0/24, or a list'),
})

export type DigitalOceanOptions = z.output<typeof digitaloceanOptions>

function isPrivate(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
}

function isAscii(data: string): boolean {
  return Buffer.byteLength(data) === data.length
}
