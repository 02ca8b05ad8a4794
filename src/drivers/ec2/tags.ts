import type { Instance, Tag } from '@aws-sdk/client-ec2'

const CLUSTER = 'belt:cluster'
const OPERATION = 'belt:operation'
const USER = 'belt:user'
const NAMES = 'belt:names'

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions */
const MAX_VALUE = 256

/** What the instances of one request have in common: all of them get the same tags. */
export interface LaunchTags {
  readonly cluster: string
  readonly operation: string
  /** Whom SSH logs in as. */
  readonly user: string
  /** An instance has the name at its launch index, so that none needs a call of its own to be named. */
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

/** For whatever else belongs to the cluster. */
export function clusterTags(cluster: string): Tag[] {
  return [{ Key: CLUSTER, Value: cluster }]
}

export function clusterFilter(cluster: string) {
  return { Name: `tag:${CLUSTER}`, Values: [cluster] }
}

export function operationOf(instance: Instance): string | undefined {
  return tagOf(instance, OPERATION)
}

export function userOf(instance: Instance): string | undefined {
  return tagOf(instance, USER)
}

/** The machine's name; the instance's id, where somebody has removed the tags that tell it. */
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

/** Names as texts with spaces between them, each as long as the value of a tag may be. */
function packed(names: readonly string[]): string[] {
  const texts: string[] = []
  for (const name of names) {
    const last = texts.at(-1)
    if (last !== undefined && last.length + 1 + name.length <= MAX_VALUE) texts.push(`${texts.pop()} ${name}`)
    else texts.push(name)
  }
  return texts
}
