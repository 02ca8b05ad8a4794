import { z } from 'zod'
import { MAX_USER_DATA_BYTES } from './user-data.ts'

const text = z.string().min(1)
const idOrName = z.union([z.number().int().positive(), text])

/** The keys under `digitalocean:`. */
export const digitaloceanOptions = z.strictObject({
  access_token: text
    .optional()
    .describe('API token; better given as DIGITALOCEAN_ACCESS_TOKEN than written into a file'),
  api_url: z
    .url({ protocol: /^https?$/ })
    .refine(isPrivate, 'must begin with https://, because the token is sent there')
    .default('https://api.digitalocean.com')
    .describe("Where the API is, when it is not DigitalOcean's own"),
  region: z
    .union([text, z.array(text).min(1)])
    .optional()
    .describe(
      'Region of the machines, such as sgp1, or a list that they are spread over evenly, unless their name says where (sgp1-node1)',
    ),
  size: text
    .optional()
    .describe('Size when none is given: a slug such as s-1vcpu-1gb, or an amount of memory such as 1gb'),
  image: idOrName
    .default('docker-20-04')
    .describe('Slug, id or name of a snapshot; it must have a Docker Engine, or user_data must install one'),
  ssh_key_fingerprint: z
    .union([idOrName, z.array(idOrName).min(1)])
    .optional()
    .describe('Fingerprint, id or name of a key on the account, or a list; those you have, unless told'),
  ssh_user: text.default('root').describe('User that SSH logs in as'),
  vpc_uuid: z.uuid().optional().describe("Private network of the machines; the region's own unless told"),
  tags: z
    .array(
      z.string().regex(/^[a-zA-Z0-9_:-]{1,255}$/, 'must be letters, digits, colons, dashes and underscores'),
    )
    .default([])
    .describe('Tags that the machines carry besides the one of the cluster'),
  user_data: text
    .refine(data => Buffer.byteLength(data) <= MAX_USER_DATA_BYTES, 'must be no longer than 64 KiB')
    .refine(isAscii, 'must be plain ASCII: DigitalOcean drops droplets whose user data is not')
    .optional()
    .describe('Script or cloud-config that a machine runs when it starts for the first time'),
  monitoring: z.boolean().default(false).describe("Whether DigitalOcean's agent watches the machines"),
  ipv6: z.boolean().default(false).describe('Whether the machines have an IPv6 address too'),
  firewall: z
    .boolean()
    .default(false)
    .describe('Whether a cloud firewall lets in only SSH, and the ports of the swarm from the cluster'),
  ssh_from: z
    .union([z.cidrv4(), z.cidrv6(), z.array(z.union([z.cidrv4(), z.cidrv6()])).min(1)])
    .default(['0.0.0.0/0', '::/0'])
    .describe('Where the firewall lets SSH in from, such as 203.0.113.0/24, or a list'),
})

export type DigitalOceanOptions = z.output<typeof digitaloceanOptions>

function isPrivate(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
}

function isAscii(data: string): boolean {
  return Buffer.byteLength(data) === data.length
}
