import { type Judgement, readConstraint } from './constraint.ts'
import type { Platform, Plugin, Service, SwarmNode } from './workload.ts'

/** The engine's several names for one architecture. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64' }

/** One requirement of a service that a node either meets or not, whatever runs there. */
export interface Requirement {
  /** Whether a node meets it. */
  readonly judge: (node: SwarmNode) => Judgement
  /** What no other node does if none meets it, as in `satisfies node.role==worker`. */
  readonly unmet: string
}

/** Whether a node takes new tasks at all. One of which the managers know nothing yet soon does: a new leader knows none. */
export function takesTasks({ state, availability }: SwarmNode): boolean {
  return (state === 'ready' || state === 'unknown') && availability === 'active'
}

/** What a service requires of a node, besides room. */
export function requirementsOf({ platforms, plugins, constraints }: Service): Requirement[] {
  const rules = constraints.map(readConstraint)
  const requirements: Requirement[] = []
  if (platforms.length > 0)
    requirements.push({
      judge: node => runsOn(node, platforms),
      unmet: 'has the platform that its image is made for',
    })
  if (plugins.length > 0)
    requirements.push({
      judge: node => allOf(plugins, plugin => hasPlugin(node, plugin)),
      unmet: `has ${plugins.map(pluginText).join(' and ')}`,
    })
  if (rules.length > 0)
    requirements.push({
      judge: node => allOf(rules, rule => rule(node)),
      unmet: `satisfies ${constraints.join(' and ')}`,
    })
  return requirements
}

/** Whether something holds for all of these. */
export function allOf<T>(things: readonly T[], judge: (thing: T) => Judgement): Judgement {
  let result: Judgement = 'yes'
  for (const thing of things) {
    const judgement = judge(thing)
    if (judgement === 'no') return 'no'
    if (judgement === 'unknown') result = 'unknown'
  }
  return result
}

function runsOn({ platform }: SwarmNode, platforms: readonly Platform[]): Judgement {
  const plain = (name: string) => ARCHITECTURES[name] ?? name
  const fits = platforms.some(
    ({ os, architecture }) =>
      (os === '' || os === platform.os) &&
      (architecture === '' || plain(architecture) === plain(platform.architecture)),
  )
  if (fits) return 'yes'
  return platform.os === '' && platform.architecture === '' ? 'unknown' : 'no'
}

/** Engines that are too old to report any log driver may have all of them. */
function hasPlugin({ plugins }: SwarmNode, { type, name }: Plugin): Judgement {
  if (plugins === undefined) return 'unknown'
  const alike = plugins.filter(plugin => plugin.type === type)
  if (alike.some(plugin => plugin.name === name || plugin.name === `${name}:latest`)) return 'yes'
  return type === 'Log' && alike.length === 0 ? 'yes' : 'no'
}

function pluginText({ type, name }: Plugin): string {
  return `the ${type.toLowerCase()} plugin ${name}`
}
