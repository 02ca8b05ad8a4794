import type { Instance } from '@aws-sdk/client-ec2'
import { BeltError } from '../../errors.ts'
import type { Located } from './fleet.ts'
import { hasEnded, stateOf } from './instances.ts'
import { machineGone } from './power.ts'

/**
 * Changes the type of a stopped instance.
 * @returns the instance, and whether it was changed
 * @throws a BeltError if it is running or no longer exists; Ec2Error
 */
export async function resizeInstance(
  name: string,
  located: Located | undefined,
  type: string,
  signal: AbortSignal | undefined,
): Promise<Located & { changed: boolean }> {
  if (!located || hasEnded(located.instance)) throw machineGone(name)
  const { ec2, instance } = located
  if (instance.InstanceType === type) return { ec2, instance, changed: false }
  if (stateOf(instance) !== 'stopped') {
    throw new BeltError(
      'machine-runs',
      `${name} is ${stateOf(instance)}, and only a stopped instance can be resized`,
      {
        host: name,
        hint: `run belt shutdown ${name} first`,
      },
    )
  }
  const InstanceType = type as NonNullable<Instance['InstanceType']>
  await ec2.call(
    'ModifyInstanceAttribute',
    { InstanceId: instance.InstanceId, InstanceType: { Value: type } },
    { what: `resizing ${name} to ${type}`, signal, justMade: true },
  )
  return { ec2, instance: { ...instance, InstanceType }, changed: true }
}
