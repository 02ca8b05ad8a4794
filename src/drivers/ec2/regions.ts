import { usageError } from '../../errors.ts'
import type { Clock } from '../clock.ts'
import type { MachineSpec } from '../driver.ts'
import { Ec2 } from './ec2.ts'
import type { Ec2Options } from './options.ts'

/** The regions of a cluster. The first is where machines go unless told; all are looked through for machines. */
export async function openRegions(options: Ec2Options, clock: Clock): Promise<Ec2[]> {
  const names = options.region === undefined ? [undefined] : [...new Set([options.region].flat())]
  return await Promise.all(names.map(region => Ec2.open(region, options.profile, clock)))
}

/**
 * Where a machine is to be made: `us-west-1`, or a zone of it such as `us-west-1b`.
 * @throws a usage error for a region that is not looked through: a machine there would never be found again
 */
export function regionFor(
  { name, region }: MachineSpec,
  regions: readonly Ec2[],
): { ec2: Ec2; zone?: string } {
  const [first] = regions as [Ec2]
  if (region === undefined) return { ec2: first }
  const whole = regions.find(ec2 => ec2.region === region)
  if (whole) return { ec2: whole }
  const ofZone = regions.find(ec2 => new RegExp(`^${ec2.region}[a-z]$`).test(region))
  if (ofZone) return { ec2: ofZone, zone: region }
  const known = regions.map(ec2 => ec2.region)
  throw usageError(
    'bad-region',
    `${name} is to be in ${region}, but ${known.join(', ')} is all this cluster has`,
    {
      host: name,
      hint: `machines are found in the regions of the config only: belt cluster update 'region=[${[...known, region].join(', ')}]'`,
    },
  )
}
