import type { Instance } from '@aws-sdk/client-ec2'
import { BeltError } from '../../errors.ts'
import type { Located } from './fleet.ts'
import { hasEnded, stateOf } from './instances.ts'
import { machineGone } from './power.ts'

/**
 * Gives a stopped instance another type.
 * @returns the instance as it is then, and whether it was changed
 * @throws a BeltError when it runs or is gone; Ec2Error
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
      `${name} is ${stateOf(instance)}: only a stopped instance changes its type`,
      {
        host: name,
        hint: `stop it first: belt shutdown ${name}`,
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
