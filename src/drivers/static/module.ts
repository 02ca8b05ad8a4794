import type { DriverModule } from '../module.ts'
import { StaticDriver } from './driver.ts'
import { staticOptions } from './options.ts'

/** Hosts that exist already, listed in the config. */
export const inventory: DriverModule<typeof staticOptions> = {
  name: 'static',
  schema: staticOptions,
  secrets: [],
  create: options => new StaticDriver(options),
}
