import { createHash } from 'node:crypto'
import type { Instance, RunInstancesCommandInput } from '@aws-sdk/client-ec2'
import { BeltError, reasonOf } from '../../errors.ts'
import { OUTCOME_UNKNOWN } from '../driver.ts'
import { Ec2Error } from './ec2-error.ts'
import { hasEnded } from './instances.ts'
import { placement, type Site } from './site.ts'
import { launchTags, nameOf } from './tags.ts'
import { userData } from './user-data.ts'

/** What EC2 asks large requests to be broken into: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html */
const BATCH = 100

/** A machine to be made, with everything chosen. */
export interface Wanted {
  readonly name: string
  readonly type: string
  /** A zone or a subnet; undefined leaves it to EC2. */
  readonly place: string | undefined
}

export type Launched = ReadonlyMap<string, Instance | Error>

/**
 * Asks for machines of one type in one place, in batches. A batch that EC2 fulfils in part is asked for again without
 * what there is, until it is complete or EC2 says why not.
 * @returns an instance or the reason why there is none, for each name
 */
export async function launch(
  site: Site,
  wanted: readonly Wanted[],
  signal: AbortSignal | undefined,
): Promise<Launched> {
  const results = new Map<string, Instance | Error>()
  await Promise.all(batchesOf(wanted).map(batch => launchBatch(site, batch, results, signal)))
  return results
}

function batchesOf(wanted: readonly Wanted[]): Wanted[][] {
  const alike = new Map<string, Wanted[]>()
  for (const machine of wanted) {
    const kind = `${machine.type} ${machine.place}`
    alike.set(kind, [...(alike.get(kind) ?? []), machine])
  }
  return [...alike.values()].flatMap(group =>
    Array.from({ length: Math.ceil(group.length / BATCH) }, (_, i) =>
      group.slice(i * BATCH, (i + 1) * BATCH),
    ),
  )
}

async function launchBatch(
  site: Site,
  batch: readonly Wanted[],
  results: Map<string, Instance | Error>,
  signal: AbortSignal | undefined,
): Promise<void> {
  let missing = batch
  try {
    while (missing.length > 0) {
      for (const instance of await run(site, missing, signal)) results.set(nameOf(instance), instance)
      missing = batch.filter(({ name }) => !results.has(name))
    }
  } catch (error) {
    for (const { name } of missing) results.set(name, reasonFor(name, error))
  }
}

/** A request that was answered by a failure of EC2, or not at all, may have had its effect. */
function reasonFor(name: string, error: unknown): Error {
  if (error instanceof Ec2Error && !error.isCertain) {
    return new BeltError(OUTCOME_UNKNOWN, `it is not known whether ${name} was made: ${reasonOf(error)}`, {
      host: name,
      hint: 'belt ls shows what there is; the same belt create again makes only what is missing',
      cause: error,
    })
  }
  return error instanceof Error ? error : new Error(String(error))
}

async function run(
  site: Site,
  batch: readonly Wanted[],
  signal: AbortSignal | undefined,
): Promise<readonly Instance[]> {
  const input = await requestFor(site, batch)
  const { Instances = [] } = await site.ec2.call(
    'RunInstances',
    { ...input, ClientToken: tokenFor(site, input) },
    {
      what: `launching ${batch.length} instances (${input.InstanceType})`,
      signal,
      instances: batch.length,
      justMade: true,
    },
  )
  const made = Instances.filter(instance => !hasEnded(instance))
  if (made.length > 0) return made
  throw new BeltError(
    'none-launched',
    `EC2 in ${site.ec2.region} launched none of ${batch.length} instances, and gave no reason`,
    { hint: 'try again; belt ls shows what there is' },
  )
}

async function requestFor(site: Site, batch: readonly Wanted[]): Promise<RunInstancesCommandInput> {
  const [{ type, place } = { type: '', place: undefined }] = batch
  const names = batch.map(({ name }) => name)
  const image = await site.imageFor(type)
  const user = site.userOf(image)
  const Tags = [...site.tags, ...launchTags({ ...site, user, names })]
  return {
    ImageId: image.id,
    InstanceType: type as NonNullable<RunInstancesCommandInput['InstanceType']>,
    MinCount: 1,
    MaxCount: batch.length,
    KeyName: site.keyName,
    SecurityGroupIds: [...site.groups],
    UserData: userData(names, user, site),
    TagSpecifications: [
      { ResourceType: 'instance', Tags },
      { ResourceType: 'volume', Tags },
    ],
    ...placement(place),
    ...(site.volumeSize !== undefined && {
      BlockDeviceMappings: [{ DeviceName: image.rootDevice, Ebs: { VolumeSize: site.volumeSize } }],
    }),
  }
}

/**
 * Makes a request that is sent again, because its answer was lost, the same request to EC2. It is new for each create:
 * EC2 refuses the token of instances that were terminated since.
 * https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
 */
function tokenFor(site: Site, input: RunInstancesCommandInput): string {
  const identity = [site.cluster, site.operation, site.ec2.region, input]
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex')
}
