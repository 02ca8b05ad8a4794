import type { Clock } from '../../clock.ts'
import { usageError } from '../../errors.ts'
import type { MachineSpec } from '../driver.ts'
import { Ec2 } from './ec2.ts'
import type { Ec2Options } from './options.ts'

/** Opens the regions of a cluster. The first is the default for new machines; machines are listed in all of them. */
export async function openRegions(options: Ec2Options, clock: Clock): Promise<Ec2[]> {
  const names = options.region === undefined ? [undefined] : [...new Set([options.region].flat())]
  return await Promise.all(names.map(region => Ec2.open(region, options.profile, clock)))
}

/**
 * Finds where to create a machine: a region such as `us-west-1`, or a zone such as `us-west-1b`.
 * @throws a usage error for a region that is not configured, because Belt would not find the machine again
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
    `cannot create ${name} in ${region}: the configured regions are ${known.join(', ')}`,
    {
      host: name,
      hint: `Belt finds machines only in configured regions; add it: belt cluster update 'region=[${[...known, region].join(', ')}]'`,
    },
  )
}
