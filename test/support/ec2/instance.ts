import type { XmlStructure } from './xml.ts'

export const STATE_CODES = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
} as const
export type State = keyof typeof STATE_CODES

/** An instance as the emulated cloud keeps it. */
export interface Instance {
  readonly id: string
  readonly reservation: string
  readonly launchIndex: number
  readonly imageId: string
  readonly keyName: string | undefined
  readonly groups: readonly string[]
  readonly subnetId: string
  readonly zone: string
  readonly vpcId: string
  readonly userData: string
  readonly tags: Map<string, string>
  /** From when on listings show it and calls know it. */
  readonly visibleAt: number
  type: string
  state: State
  stateReason?: { code: string; message: string }
  privateAddress?: string
  publicAddress?: string
  launchTime: Date
  /** When it was terminated: it stays listed for an hour. */
  terminatedAt?: number
}

export function instanceXml(instance: Instance): XmlStructure {
  return {
    instanceId: instance.id,
    imageId: instance.imageId,
    instanceState: stateXml(instance.state),
    keyName: instance.keyName,
    amiLaunchIndex: instance.launchIndex,
    instanceType: instance.type,
    launchTime: instance.launchTime.toISOString(),
    placement: { availabilityZone: instance.zone },
    subnetId: instance.subnetId,
    vpcId: instance.vpcId,
    privateIpAddress: instance.privateAddress,
    ipAddress: instance.publicAddress,
    groupSet: instance.groups.map(groupId => ({ groupId })),
    stateReason: instance.stateReason && { ...instance.stateReason },
    tagSet: tagsXml(instance.tags),
  }
}

export function stateXml(name: State): XmlStructure {
  return { code: STATE_CODES[name], name }
}

export function tagsXml(tags: ReadonlyMap<string, string>): XmlStructure[] {
  return [...tags].map(([key, value]) => ({ key, value }))
}

/** The host name that cloud-init gives the instance: the one at its launch index, as its user data has them. */
export function hostNameOf({ id, userData, launchIndex }: Instance): string {
  const text = Buffer.from(userData, 'base64').toString()
  const [, names] = /\{% set names = (\[.*?\]) %\}/.exec(text) ?? []
  return (JSON.parse(names ?? '[]') as string[])[launchIndex] ?? id
}
