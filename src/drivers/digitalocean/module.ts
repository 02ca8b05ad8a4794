import type { DriverModule } from '../module.ts'
import { DigitalOceanDriver } from './driver.ts'
import { digitaloceanOptions } from './options.ts'

/** Machines as DigitalOcean droplets. */
export const digitalocean: DriverModule<typeof digitaloceanOptions> = {
  name: 'digitalocean',
  schema: digitaloceanOptions,
  secrets: ['access_token'],
  guarded: ['access_token'],
  create: (options, context) => new DigitalOceanDriver(options, context),
}
