import type { Instance, Tag } from '@aws-sdk/client-ec2'

const CLUSTER = 'belt:cluster'
const OPERATION = 'belt:operation'
const USER = 'belt:user'
const NAMES = 'belt:names'

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions */
const MAX_VALUE = 256

/** The tags of one launch request, which all its instances share. */
export interface LaunchTags {
  readonly cluster: string
  readonly operation: string
  /** The login user. */
  readonly user: string
  /** Each instance has the name at its launch index, so that naming needs no further calls. */
  readonly names: readonly string[]
}

export function launchTags({ cluster, operation, user, names }: LaunchTags): Tag[] {
  const label = names.length === 1 ? names[0] : `${cluster} ${names[0]} to ${names.at(-1)}`
  const values = packed(names).map((Value, i) => ({ Key: namesKey(i), Value }))
  return [
    ...clusterTags(cluster),
    { Key: 'Name', Value: label },
    { Key: OPERATION, Value: operation },
    { Key: USER, Value: user },
    ...values,
  ]
}

/** The tags of all other resources of the cluster. */
export function clusterTags(cluster: string): Tag[] {
  return [{ Key: CLUSTER, Value: cluster }]
}

export function clusterTagFilter(cluster: string) {
  return { Name: `tag:${CLUSTER}`, Values: [cluster] }
}

export function operationOfInstance(instance: Instance): string | undefined {
  return tagOf(instance, OPERATION)
}

export function userOf(instance: Instance): string | undefined {
  return tagOf(instance, USER)
}

/** The machine's name, or the instance's id if its tags were removed. */
export function nameOf(instance: Instance): string {
  const names: string[] = []
  for (let i = 0; ; i++) {
    const value = tagOf(instance, namesKey(i))
    if (value === undefined) break
    names.push(...value.split(' '))
  }
  return names[instance.AmiLaunchIndex ?? 0] ?? instance.InstanceId ?? ''
}

function tagOf({ Tags }: Instance, key: string): string | undefined {
  return Tags?.find(tag => tag.Key === key)?.Value
}

function namesKey(index: number): string {
  return index === 0 ? NAMES : `${NAMES}:${index + 1}`
}

/** Packs names into as few tag values as possible, separated by spaces. */
function packed(names: readonly string[]): string[] {
  const texts: string[] = []
  for (const name of names) {
    const last = texts.at(-1)
    if (last !== undefined && last.length + 1 + name.length <= MAX_VALUE) texts.push(`${texts.pop()} ${name}`)
    else texts.push(name)
  }
  return texts
}
