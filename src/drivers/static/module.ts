import type { DriverModule } from '../module.ts'
import { staticOptions } from './options.ts'

/** Hosts that exist already, listed in the config. */
export const inventory: DriverModule<typeof staticOptions> = {
  name: 'static',
  schema: staticOptions,
  secrets: [],
  create: (_options, _context) => {
    throw new Error('not there yet')
  },
}
