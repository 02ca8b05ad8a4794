import type { Platform, SwarmNode } from './workload.ts'

/** The engine's several names for one architecture. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64' }

/** Whether a node takes new tasks at all. One of which the managers know nothing yet soon does: a new leader knows none. */
export function takesTasks({ state, availability }: SwarmNode): boolean {
  return (state === 'ready' || state === 'unknown') && availability === 'active'
}

/** Whether a node satisfies a placement constraint such as `node.labels.zone==a`; one that cannot be read is not met. */
export function satisfies(node: SwarmNode, constraint: string): boolean {
  const match = /^\s*([\w.-]+)\s*(==|!=)\s*(.*?)\s*$/.exec(constraint)
  if (!match) return false
  const [, key = '', operator, wanted = ''] = match
  const value = attributeOf(node, key)
  if (value === undefined) return false
  const equal = value.toLowerCase() === wanted.toLowerCase()
  return operator === '==' ? equal : !equal
}

function attributeOf(node: SwarmNode, key: string): string | undefined {
  if (key.startsWith('node.labels.')) return node.labels[key.slice('node.labels.'.length)] ?? ''
  if (key.startsWith('engine.labels.')) return node.engineLabels[key.slice('engine.labels.'.length)] ?? ''
  const values: Readonly<Record<string, string>> = {
    'node.id': node.id,
    'node.hostname': node.hostname,
    'node.role': node.role,
    'node.platform.os': node.platform.os,
    'node.platform.arch': node.platform.architecture,
  }
  return values[key]
}

/** Whether a node can run an image that was made for these platforms; none given means any. */
export function runsOn(node: SwarmNode, platforms: readonly Platform[]): boolean {
  const plain = (name: string) => ARCHITECTURES[name] ?? name
  return (
    platforms.length === 0 ||
    platforms.some(
      ({ os, architecture }) =>
        (os === '' || os === node.platform.os) &&
        (architecture === '' || plain(architecture) === plain(node.platform.architecture)),
    )
  )
}
