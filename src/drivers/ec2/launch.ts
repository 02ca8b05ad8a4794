import { createHash } from 'node:crypto'
import type { Instance, RunInstancesCommandInput } from '@aws-sdk/client-ec2'
import { BeltError, reasonOf, usageError } from '../../errors.ts'
import { OUTCOME_UNKNOWN } from '../driver.ts'
import { Ec2Error } from './ec2-error.ts'
import type { MachineImage } from './image.ts'
import { hasEnded } from './instances.ts'
import { type InstanceSite, placement } from './site.ts'
import { launchTags, nameOf } from './tags.ts'
import { instanceUserData } from './user-data.ts'

/** EC2's recommended batch size for large requests: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html */
const BATCH = 100

/** A machine to launch. */
export interface Wanted {
  readonly name: string
  readonly type: string
  /** A zone or subnet; undefined lets EC2 choose. */
  readonly place: string | undefined
}

export type Launched = ReadonlyMap<string, Instance | Error>

/**
 * Launches machines in batches of one type and place. If EC2 fulfils only part of a batch, the rest is requested again,
 * until the batch is complete or EC2 gives a reason.
 * @returns an instance or an error for each name
 */
export async function launch(
  site: InstanceSite,
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
  site: InstanceSite,
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

/** A request that failed with a server error, or was not answered, may have taken effect. */
function reasonFor(name: string, error: unknown): Error {
  if (error instanceof Ec2Error && !error.isCertain) {
    return new BeltError(OUTCOME_UNKNOWN, `cannot tell whether ${name} was created: ${reasonOf(error)}`, {
      host: name,
      hint: 'run belt ls to list the machines; run the same belt create again to create only the missing ones',
      cause: error,
    })
  }
  return error instanceof Error ? error : new Error(String(error))
}

async function run(
  site: InstanceSite,
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
    `EC2 in ${site.ec2.region} launched none of ${batch.length} instances and gave no reason`,
    { hint: 'try again; run belt ls to list the machines' },
  )
}

async function requestFor(site: InstanceSite, batch: readonly Wanted[]): Promise<RunInstancesCommandInput> {
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
    // Only sessions with a token may read user data, which may hold a join token, and no container on its own network.
    MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
    UserData: instanceUserData(names, user, site),
    TagSpecifications: [
      { ResourceType: 'instance', Tags },
      { ResourceType: 'volume', Tags },
    ],
    ...placement(place),
    ...(site.volumeSize !== undefined && {
      BlockDeviceMappings: [{ DeviceName: rootDeviceOf(image), Ebs: { VolumeSize: site.volumeSize } }],
    }),
  }
}

/** A guess that is wrong would add a second disk, which costs money and stays empty. */
function rootDeviceOf({ id, rootDevice }: MachineImage): string {
  if (rootDevice !== undefined) return rootDevice
  throw usageError(
    'unknown-root-device',
    `the root device of the image ${id} is unknown, so ec2.volume_size cannot be applied`,
    {
      hint: 'set ec2.image to the id of the image (ami-…), or remove ec2.volume_size',
    },
  )
}

/**
 * The idempotency token of a request, so that EC2 recognizes it if it is repeated because its answer was lost. It differs
 * for each create, because EC2 refuses the token of instances that have been terminated since.
 * https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
 */
function tokenFor(site: InstanceSite, input: RunInstancesCommandInput): string {
  const identity = [site.cluster, site.operation, site.ec2.region, input]
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex')
}
