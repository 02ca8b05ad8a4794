import { BlockList, isIP } from 'node:net'
import type { SwarmNode } from './workload.ts'

/** Whether something holds; `unknown` if Belt cannot judge it. */
export type Judgement = 'yes' | 'no' | 'unknown'

/** Says whether a node satisfies one placement constraint. */
export type Constraint = (node: SwarmNode) => Judgement

/** The prefixes of keys whose rest, which is case-sensitive, names a label. */
const NODE_LABELS = 'node.labels.'
const ENGINE_LABELS = 'engine.labels.'

const ATTRIBUTES: Readonly<Record<string, (node: SwarmNode) => string>> = {
  'node.id': ({ id }) => id,
  'node.hostname': ({ hostname }) => hostname,
  'node.role': ({ role }) => role,
  'node.platform.os': ({ platform }) => platform.os,
  'node.platform.arch': ({ platform }) => platform.architecture,
}

/**
 * Reads a placement constraint such as `node.labels.zone==a` as the scheduler does: keys and values match in any case, and a
 * label that a node does not have is empty. A constraint that Belt does not understand judges no node.
 */
export function readConstraint(text: string): Constraint {
  const operator = ['==', '!='].find(sign => text.includes(sign))
  if (operator === undefined) return () => 'unknown'
  const at = text.indexOf(operator)
  const key = text.slice(0, at).trim()
  const wanted = text.slice(at + operator.length).trim()
  const matches = key.toLowerCase() === 'node.ip' ? inNetwork(wanted) : hasValue(key, wanted)
  if (matches === undefined) return () => 'unknown'
  return node => {
    const found = matches(node)
    if (found === undefined) return 'unknown'
    return found === (operator === '==') ? 'yes' : 'no'
  }
}

/** Whether a node matches, before the operator; undefined if that is not known. */
type Match = (node: SwarmNode) => boolean | undefined

function hasValue(key: string, wanted: string): Match | undefined {
  const read = attribute(key)
  const value = wanted.toLowerCase()
  return read && (node => read(node).toLowerCase() === value)
}

function attribute(key: string): ((node: SwarmNode) => string) | undefined {
  const plain = key.toLowerCase()
  const label = (prefix: string) =>
    plain.startsWith(prefix) && plain.length > prefix.length ? key.slice(prefix.length) : undefined
  const nodeLabel = label(NODE_LABELS)
  if (nodeLabel !== undefined) return ({ labels }) => valueIn(labels, nodeLabel)
  const engineLabel = label(ENGINE_LABELS)
  if (engineLabel !== undefined) return ({ engineLabels }) => valueIn(engineLabels, engineLabel)
  return Object.hasOwn(ATTRIBUTES, plain) ? ATTRIBUTES[plain] : undefined
}

function valueIn(labels: Readonly<Record<string, string>>, key: string): string {
  return Object.hasOwn(labels, key) ? (labels[key] ?? '') : ''
}

/** Matches the address of a node with one address or with a network such as `10.0.0.0/24`. */
function inNetwork(wanted: string): Match | undefined {
  const [address = '', bits, ...rest] = wanted.split('/')
  const kind = isIP(address)
  if (kind === 0 || rest.length > 0) return undefined
  const length = bits === undefined ? kindBits(kind) : Number(bits)
  if (bits !== undefined && !(/^\d{1,3}$/.test(bits) && length <= kindBits(kind))) return undefined
  const network = new BlockList()
  network.addSubnet(address, length, familyOf(kind))
  return ({ ip }) => {
    const own = isIP(ip)
    return own === 0 ? undefined : network.check(ip, familyOf(own))
  }
}

function kindBits(kind: number): number {
  return kind === 4 ? 32 : 128
}

function familyOf(kind: number): 'ipv4' | 'ipv6' {
  return kind === 4 ? 'ipv4' : 'ipv6'
}
