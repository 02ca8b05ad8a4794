import { closest } from 'fastest-levenshtein'
import { usageError } from '../../errors.ts'
import type { Term } from '../ranges/term.ts'

/** Facts about a machine, for selectors. */
export interface Facts {
  /** As listed by the driver: `active`, `off`. */
  readonly status: string
  /** Undefined if the machine is not a node of the swarm. Meaningless if the swarm was not read. */
  readonly node: NodeFacts | undefined
}

export interface NodeFacts {
  readonly role: string
  readonly state: string
  readonly availability: string
  readonly labels: Readonly<Record<string, string>>
  readonly isLeader: boolean
}

interface Selector {
  /** The accepted values; absent if any value is accepted. */
  readonly values?: readonly string[]
  /** Whether evaluating it needs a manager. */
  readonly asksSwarm: boolean
  holds(facts: Facts, value: string): boolean
}

const SELECTORS: ReadonlyMap<string, Selector> = new Map<string, Selector>([
  [
    'role',
    {
      values: ['manager', 'worker'],
      asksSwarm: true,
      holds: ({ node }, value) => node?.role === value,
    },
  ],
  ['label', { asksSwarm: true, holds: ({ node }, value) => hasLabel(node?.labels ?? {}, value) }],
  [
    'state',
    {
      values: ['ready', 'down', 'disconnected', 'unknown'],
      asksSwarm: true,
      holds: ({ node }, value) => node?.state === value,
    },
  ],
  [
    'availability',
    {
      values: ['active', 'pause', 'drain'],
      asksSwarm: true,
      holds: ({ node }, value) => node?.availability === value,
    },
  ],
  [
    'status',
    {
      values: ['new', 'active', 'off', 'failed', 'unknown'],
      asksSwarm: false,
      holds: ({ status }, value) => status === value,
    },
  ],
])

/** A parsed selector such as `role=worker`. */
export interface Question {
  readonly asksSwarm: boolean
  holds(facts: Facts): boolean
}

/** Whether a part of a selection is a selector; names contain no `=`. */
export function isSelector(text: string): boolean {
  return text.includes('=')
}

/** Whether an argument selects nodes (`role=worker`, `node1,!state=down`), for commands that also accept `KEY=VALUE`. */
export function selectsNodes(word: string): boolean {
  return [...word.matchAll(/(?:^|[,&!])([a-z]+)=/g)].some(([, key = '']) => SELECTORS.has(key))
}

/** @throws `bad-selector` for an unknown key, or a value that the key cannot have */
export function readSelector({ text }: Term): Question {
  const key = text.slice(0, text.indexOf('='))
  const value = text.slice(key.length + 1)
  const selector = SELECTORS.get(key)
  if (!selector) {
    const keys = [...SELECTORS.keys()]
    throw badSelector(`no such selector: ${key}=; did you mean ${closest(key, keys)}=?`, keys)
  }
  const { values, asksSwarm, holds } = selector
  if (values ? !values.includes(value) : value === '') {
    throw badSelector(
      `${text}: ${key} must be ${values ? `one of ${values.join(', ')}` : 'KEY or KEY:VALUE'}`,
      values,
    )
  }
  return { asksSwarm, holds: facts => holds(facts, value) }
}

/** `zone:a` or `zone=a` matches a label with this value, `ssd` a label with any value. Keys contain neither `:` nor `=`. */
function hasLabel(labels: Readonly<Record<string, string>>, wanted: string): boolean {
  const [key = ''] = wanted.split(/[:=]/, 1)
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined
  return value !== undefined && (key === wanted || value === wanted.slice(key.length + 1))
}

function badSelector(message: string, known: readonly string[] = []) {
  return usageError('bad-selector', message, {
    hint: 'available selectors: role=worker, label=zone:a, state=down, availability=drain, status=off',
    details: { known },
  })
}
