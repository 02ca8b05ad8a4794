import type { DriverModule } from '../module.ts'
import { DigitalOceanDriver } from './driver.ts'
import { digitaloceanOptions, TOKEN_VARIABLE } from './options.ts'

/** Machines as DigitalOcean droplets. */
export const digitalocean: DriverModule<typeof digitaloceanOptions> = {
  name: 'digitalocean',
  schema: digitaloceanOptions,
  secrets: ['access_token'],
  guarded: ['access_token'],
  secretVariables: [TOKEN_VARIABLE],
  destinations: ['api_url'],
  create: (options, context) => new DigitalOceanDriver(options, context),
}
