import type { DriverModule } from '../module.ts'
import { Ec2Driver } from './driver.ts'
import { ec2Options } from './options.ts'

/** Machines as Amazon EC2 instances. */
export const ec2: DriverModule<typeof ec2Options> = {
  name: 'ec2',
  schema: ec2Options,
  secrets: [],
  create: (options, context) => new Ec2Driver(options, context),
}
