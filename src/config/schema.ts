import { z } from 'zod'
import { parseDuration } from '../domain/duration.ts'
import { expand } from '../domain/ranges.ts'
import type { DriverModule } from '../drivers/module.ts'
import { reasonOf } from '../errors.ts'
import { isClusterName } from './cluster-name.ts'
import { BAD_NAME } from './document.ts'

// Compiling a parser takes longer than parsing one config without it.
z.config({ jitless: true })

const text = z.string().min(1)
const port = z.number().int().min(1).max(65535)

const duration = z.union([z.number(), z.string()]).transform((value, context) => {
  const milliseconds = parseDuration(String(value))
  if (milliseconds) return milliseconds
  context.addIssue('must be a duration such as 30s or 2m; a plain number means seconds')
  return z.NEVER
})

/** In milliseconds; 0 means off. */
const durationOrOff = z.union([z.number(), z.string()]).transform((value, context) => {
  const milliseconds = value === 'off' ? 0 : parseDuration(String(value))
  if (milliseconds !== undefined) return milliseconds
  context.addIssue('must be off or a duration such as 10m; a plain number means seconds')
  return z.NEVER
})

const bastion = z.union([
  text.regex(
    /^([^@\s]+@)?(\[[^\]\s]+\]|[^@:\s[\]]+)(:\d{1,5})?$/,
    'must look like user@host or user@host:port',
  ),
  z.strictObject({
    address: text.describe('Name or IP address'),
    port: port.optional().describe('SSH port (default: that of ssh_config, or 22)'),
    user: text.optional().describe('User to log in as (default: ssh.user, that of ssh_config, or root)'),
  }),
])

const ssh = z.strictObject({
  user: text.optional().describe("User to log in as (default: the driver's)"),
  port: port.optional().describe("SSH port (default: the driver's)"),
  private_key: text
    .optional()
    .describe('The only private key to log in with (default: the keys of the SSH agent and of ~/.ssh)'),
  client: z
    .enum(['ssh2', 'openssh'])
    .default('ssh2')
    .describe(
      "What makes the connections: Belt's SSH library (ssh2), or the ssh command, which is slower and can do more (openssh)",
    ),
  config: text
    .optional()
    .describe(
      'The ssh_config file for static hosts and the bastion, or none (default: ~/.ssh/config and /etc/ssh/ssh_config)',
    ),
  bastion: bastion.optional().describe('Jump host for all connections, such as user@host:port'),
  host_key_checking: z
    .enum(['accept-new', 'strict'])
    .default('accept-new')
    .describe(
      'Whether to trust the key of an unknown host (accept-new) or refuse it (strict); a changed key is always refused',
    ),
  connect_timeout: duration.prefault('10s').describe('Timeout for one connection attempt'),
  keepalive: duration.prefault('15s').describe('Interval of keepalive messages on an idle connection'),
  agent: durationOrOff
    .prefault('off')
    .describe(
      "How long Belt's agent keeps an unused connection open for the next command, such as 10m, or off",
    ),
  concurrency: z.number().int().min(1).default(128).describe('Maximum number of hosts to work on at once'),
})

const goDuration = text.regex(
  /^(\d+[hms])+$/,
  'must be a duration in hours, minutes and seconds, such as 2160h or 90h30m',
)

const swarm = z.strictObject({
  advertise: z
    .enum(['private', 'public'])
    .optional()
    .describe(
      'Which address nodes advertise to each other (default: private if there is one, otherwise public)',
    ),
  availability: z
    .enum(['active', 'drain'])
    .optional()
    .describe('Availability of the first manager: active runs tasks, drain runs none'),
  default_addr_pool: z
    .union([z.cidrv4(), z.array(z.cidrv4()).min(1)])
    .optional()
    .describe('Address pool for overlay networks, one CIDR or a list; cannot change once the swarm exists'),
  default_addr_pool_mask_length: z
    .number()
    .int()
    .min(8)
    .max(30)
    .optional()
    .describe('Subnet mask length of the pool; cannot change once the swarm exists'),
  // https://docs.docker.com/reference/cli/docker/swarm/init/#data-path-port
  data_path_port: z
    .number()
    .int()
    .min(1024)
    .max(49151)
    .optional()
    .describe('UDP port for overlay network traffic; cannot change once the swarm exists'),
  cert_expiry: goDuration.optional().describe('Validity period of node certificates, such as 2160h'),
  task_history_limit: z.number().int().min(0).optional().describe('How many old tasks to keep for each slot'),
})

const sysctl = z
  .record(
    z
      .string()
      .regex(/^[a-z0-9_-]+([./][a-zA-Z0-9_*-]+)+$/, 'must be a kernel setting such as net.core.somaxconn'),
    z.union([z.number(), text]),
  )
  .describe('Kernel settings for the hosts, such as net.core.somaxconn: 4096')

const node = z.strictObject({
  size: text.optional().describe("Size (default: the driver's)"),
  region: text.optional().describe("Region (default: the driver's)"),
  groups: z
    .array(z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'must be lowercase letters, digits and hyphens'))
    .default([])
    .describe('Groups that these machines belong to; a group named web is selected with @web'),
})

const nodes = z
  .record(z.string(), node.nullable())
  .superRefine((declared, context) => {
    const owners = new Map<string, string>()
    for (const pattern of Object.keys(declared)) {
      const fault = claim(pattern, owners)
      if (fault) context.addIssue({ code: 'custom', message: fault, path: [pattern] })
    }
  })
  .describe('The machines of the cluster, by name or range such as node[1:4]')

/**
 * The schema of a config for this driver: the driver's options under its name, and the sections that all drivers share.
 */
export function configSchema({ name, schema }: Pick<DriverModule, 'name' | 'schema'>) {
  return z.strictObject({ ...sharedSections, [name]: schema.prefault({}) })
}

export const sharedSections = {
  name: z
    .string()
    .refine(isClusterName, BAD_NAME)
    .optional()
    .describe("The cluster's name (default: the folder's name)"),
  ssh: ssh.prefault({}).describe('How to connect to hosts'),
  swarm: swarm.prefault({}).describe('Settings for a new swarm'),
  sysctl: sysctl.default({}),
  nodes: nodes.default({}),
}

/** A config without its driver. */
export const sharedSchema = z.strictObject(sharedSections)

export type SharedConfig = z.output<typeof sharedSchema>

/** Records which pattern declares each name; returns the problem if there is one. */
function claim(pattern: string, owners: Map<string, string>): string | undefined {
  try {
    for (const name of expand(pattern, 'host')) {
      const owner = owners.get(name)
      if (owner) return `${name} is already declared by ${owner}`
      owners.set(name, pattern)
    }
  } catch (error) {
    return reasonOf(error).split('\n')[0]
  }
  return undefined
}
