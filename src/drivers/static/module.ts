import type { DriverModule } from '../module.ts'
import { StaticDriver } from './driver.ts'
import { staticOptions } from './options.ts'

/** Existing hosts, listed in the config. */
export const inventory: DriverModule<typeof staticOptions> = {
  name: 'static',
  schema: staticOptions,
  secrets: [],
  create: options => new StaticDriver(options),
}
