import { z } from 'zod'

/** The keys under `docker:`. */
export const dockerOptions = z.strictObject({
  host: z
    .string()
    .regex(
      /^(unix|npipe|tcp|http|https):\/\//,
      'must begin with unix://, npipe://, tcp://, http:// or https://',
    )
    .optional()
    .describe('URL of the Docker Engine that runs the machines (default: the context of the docker command)'),
  image: z.string().min(1).optional().describe("Machine image (default: built from Belt's template)"),
  base_image: z
    .string()
    .min(1)
    .default('debian:bookworm-slim')
    .describe('Debian base image for the machine image'),
  region: z.string().min(1).default('local').describe('Region label of the machines'),
  size: z.string().min(1).default('512mb').describe('Default memory of a machine, such as 512mb or 2gb'),
  subnet: z
    .cidrv4()
    .optional()
    .describe('Subnet of the cluster network, such as 10.44.0.0/24 (default: chosen by the engine)'),
  ssh_user: z.string().min(1).default('root').describe('User to log in as over SSH'),
})

export type DockerOptions = z.output<typeof dockerOptions>
