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
    .describe('URL of the Docker Engine that runs the machines; the default socket unless told'),
  image: z
    .string()
    .min(1)
    .optional()
    .describe('Image of the machines; built from the template that comes with Belt unless told'),
  base_image: z
    .string()
    .min(1)
    .default('debian:bookworm-slim')
    .describe('Debian image that the image of the machines is built on'),
  region: z.string().min(1).default('local').describe('Region that machines carry as a label'),
  size: z
    .string()
    .min(1)
    .default('512mb')
    .describe('Memory of a machine when none is given, such as 512mb or 2gb'),
  subnet: z
    .cidrv4()
    .optional()
    .describe('Addresses of the cluster network, such as 10.44.0.0/24; the engine picks them unless told'),
  ssh_user: z.string().min(1).default('root').describe('User that SSH logs in as'),
})

export type DockerOptions = z.output<typeof dockerOptions>
