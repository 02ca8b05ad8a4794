import type { DriverModule } from '../module.ts'
import { Ec2Driver } from './driver.ts'
import { ec2Options } from './options.ts'

/** Machines as Amazon EC2 instances. */
export const ec2: DriverModule<typeof ec2Options> = {
  name: 'ec2',
  schema: ec2Options,
  secrets: [],
  secretVariables: ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'],
  create: (options, context) => new Ec2Driver(options, context),
}
