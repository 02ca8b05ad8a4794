import type { DriverModule } from '../module.ts'
import { DockerDriver } from './driver.ts'
import { dockerOptions } from './options.ts'

/** Machines as containers on the user's Docker Engine: real nodes on a laptop, without a cloud. */
export const docker: DriverModule<typeof dockerOptions> = {
  name: 'docker',
  schema: dockerOptions,
  secrets: [],
  create: (options, context) => new DockerDriver(options, context),
}
