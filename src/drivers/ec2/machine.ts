import type { Instance, InstanceStateName } from '@aws-sdk/client-ec2'
import type { Machine, MachineStatus } from '../driver.ts'
import { stateOf } from './instances.ts'
import { memoryOf } from './sizes.ts'
import { nameOf, operationOfInstance, userOf } from './tags.ts'

const SSH_PORT = 22

const STATUSES: Readonly<Record<InstanceStateName, MachineStatus>> = {
  pending: 'new',
  running: 'active',
  stopping: 'off',
  stopped: 'off',
  'shutting-down': 'failed',
  terminated: 'failed',
}

export interface MachineContext {
  readonly region: string
  /** The configured login user, which overrides the image's default. */
  readonly user: string | undefined
  /** In MiB by type, for types looked up with EC2. */
  readonly memory: ReadonlyMap<string, number>
}

/** Converts an instance to a machine. */
export function machineFromInstance(instance: Instance, { region, user, memory }: MachineContext): Machine {
  const { InstanceId = '', InstanceType: type = '', ImageId, LaunchTime } = instance
  const state = stateOf(instance)
  const status = (state && STATUSES[state]) ?? 'unknown'
  const publicAddress = instance.PublicIpAddress
  const privateAddress = instance.PrivateIpAddress
  const address = publicAddress ?? privateAddress
  const memoryMiB = memoryOf(type) ?? memory.get(type)
  const operation = operationOfInstance(instance)
  return {
    id: InstanceId,
    name: nameOf(instance),
    status,
    region,
    ...(publicAddress !== undefined && { publicAddress }),
    ...(privateAddress !== undefined && { privateAddress, peerAddress: privateAddress }),
    ...(address !== undefined && {
      ssh: { address, port: SSH_PORT, user: user ?? userOf(instance) ?? 'root' },
    }),
    ...(memoryMiB !== undefined && { memoryMiB }),
    ...(ImageId !== undefined && { image: ImageId }),
    ...(LaunchTime !== undefined && { createdAt: LaunchTime.toISOString() }),
    ...(operation !== undefined && { operation }),
    ...(status === 'failed' && { reason: instance.StateReason?.Message ?? `it is ${state}` }),
  }
}
