import { z } from 'zod'
import { parseDuration } from '../domain/duration.ts'
import { expand } from '../domain/ranges.ts'
import type { DriverModule } from '../drivers/module.ts'
import { reasonOf } from '../errors.ts'
import { isClusterName } from './cluster-name.ts'
import { BAD_NAME } from './document.ts'

// a config is parsed once: compiling a parser for it takes longer
z.config({ jitless: true })

const text = z.string().min(1)
const port = z.number().int().min(1).max(65535)

const duration = z.union([z.number(), z.string()]).transform((value, context) => {
  const milliseconds = parseDuration(String(value))
  if (milliseconds) return milliseconds
  context.addIssue('must be a span of time, such as 30s or 2m; a bare number is seconds')
  return z.NEVER
})

/** In milliseconds; 0 for not at all. */
const durationOrOff = z.union([z.number(), z.string()]).transform((value, context) => {
  const milliseconds = value === 'off' ? 0 : parseDuration(String(value))
  if (milliseconds !== undefined) return milliseconds
  context.addIssue('must be off or a span of time, such as 10m; a bare number is seconds')
  return z.NEVER
})

const bastion = z.union([
  text.regex(
    /^([^@\s]+@)?(\[[^\]\s]+\]|[^@:\s[\]]+)(:\d{1,5})?$/,
    'must look like user@host or user@host:port',
  ),
  z.strictObject({
    address: text.describe('Name or IP address'),
    port: port.default(22).describe('Port of SSH'),
    user: text.optional().describe('User to log in as; ssh.user unless told'),
  }),
])

const ssh = z.strictObject({
  user: text.optional().describe("User to log in as, instead of the driver's"),
  port: port.optional().describe("Port of SSH, instead of the driver's"),
  private_key: text
    .optional()
    .describe('The only key to log in with; otherwise those of the agent and of ~/.ssh'),
  bastion: bastion.optional().describe('Host that connections go through, such as user@host:port'),
  host_key_checking: z
    .enum(['accept-new', 'strict'])
    .default('accept-new')
    .describe('Whether the key of a host that is not known yet is trusted; a changed one never is'),
  connect_timeout: duration.prefault('10s').describe('How long one attempt to connect may take'),
  keepalive: duration.prefault('15s').describe('How often a silent connection is checked'),
  keep_warm: durationOrOff
    .prefault('off')
    .describe('How long connections are kept for the next command, such as 10m, or off'),
  concurrency: z.number().int().min(1).default(128).describe('How many hosts are talked to at once'),
})

const goDuration = text.regex(/^(\d+[hms])+$/, 'must be hours, minutes and seconds, such as 2160h or 90h30m')

const swarm = z.strictObject({
  advertise: z
    .enum(['private', 'public'])
    .optional()
    .describe('The address that nodes reach each other at; the private one, where there is one, unless told'),
  availability: z
    .enum(['active', 'drain'])
    .optional()
    .describe('Whether the first manager runs tasks (active) or none (drain)'),
  default_addr_pool: z
    .union([z.cidrv4(), z.array(z.cidrv4()).min(1)])
    .optional()
    .describe('Where overlay networks get their subnets from, one or a list; fixed once the swarm exists'),
  default_addr_pool_mask_length: z
    .number()
    .int()
    .min(8)
    .max(30)
    .optional()
    .describe('Size of those subnets; fixed once the swarm exists'),
  // https://docs.docker.com/reference/cli/docker/swarm/init/#data-path-port
  data_path_port: z
    .number()
    .int()
    .min(1024)
    .max(49151)
    .optional()
    .describe('UDP port of overlay traffic; fixed once the swarm exists'),
  cert_expiry: goDuration.optional().describe("How long the nodes' certificates are valid, such as 2160h"),
  task_history_limit: z.number().int().min(0).optional().describe('How many old tasks of each slot are kept'),
})

const sysctl = z
  .record(
    z
      .string()
      .regex(/^[a-z0-9_-]+([./][a-zA-Z0-9_*-]+)+$/, 'must be a kernel key such as net.core.somaxconn'),
    z.union([z.number(), text]),
  )
  .describe('Kernel settings of the hosts, such as net.core.somaxconn: 4096')

const node = z.strictObject({
  size: text.optional().describe("Instead of the driver's size"),
  region: text.optional().describe("Instead of the driver's region"),
  groups: z
    .array(z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'must be small letters, digits and dashes'))
    .default([])
    .describe('Names that select these machines, such as @web'),
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
  .describe('The machines the cluster shall have, by name or range, such as node[1:4]')

/**
 * What a config that names this driver may hold: the driver's options under its name, beside the sections that all
 * drivers share.
 */
export function configSchema({ name, schema }: Pick<DriverModule, 'name' | 'schema'>) {
  return z.strictObject({ ...sharedSections, [name]: schema.prefault({}) })
}

export const sharedSections = {
  name: z
    .string()
    .refine(isClusterName, BAD_NAME)
    .optional()
    .describe("The cluster's name; that of the folder unless told"),
  ssh: ssh.prefault({}).describe('How hosts are reached'),
  swarm: swarm.prefault({}).describe('How a new swarm is set up'),
  sysctl: sysctl.default({}),
  nodes: nodes.default({}),
}

/** A config without its driver. */
export const sharedSchema = z.strictObject(sharedSections)

export type SharedConfig = z.output<typeof sharedSchema>

/** Notes whom the names of a pattern belong to; returns what speaks against it. */
function claim(pattern: string, owners: Map<string, string>): string | undefined {
  try {
    for (const name of expand(pattern)) {
      const owner = owners.get(name)
      if (owner) return `${name} is declared by ${owner} already`
      owners.set(name, pattern)
    }
  } catch (error) {
    return reasonOf(error).split('\n')[0]
  }
  return undefined
}
