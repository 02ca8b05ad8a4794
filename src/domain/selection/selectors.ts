import { closest } from 'fastest-levenshtein'
import { usageError } from '../../errors.ts'
import type { Term } from '../ranges/term.ts'

/** What is known of a machine beside its name. */
export interface Facts {
  /** As the driver lists it: `active`, `off`. */
  readonly status: string
  /** Undefined when the machine is no node of the swarm. Not to be asked for where the swarm was not read. */
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
  /** The values it takes; any where there are none. */
  readonly values?: readonly string[]
  /** Whether a manager has to be asked. */
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

/** What a selector such as `role=worker` asks of a machine. */
export interface Question {
  readonly asksSwarm: boolean
  holds(facts: Facts): boolean
}

/** Whether a part of a selection asks for what is known of a machine: names hold no `=`. */
export function isSelector(text: string): boolean {
  return text.includes('=')
}

/** Whether a word of a command that takes `KEY=VALUE` as well selects nodes: `role=worker`, `node1,!state=down`. */
export function selectsNodes(word: string): boolean {
  return [...word.matchAll(/(?:^|[,&!])([a-z]+)=/g)].some(([, key = '']) => SELECTORS.has(key))
}

/** @throws `bad-selector` for a key that there is not, or a value that the key never has */
export function readSelector({ text }: Term): Question {
  const key = text.slice(0, text.indexOf('='))
  const value = text.slice(key.length + 1)
  const selector = SELECTORS.get(key)
  if (!selector) {
    const keys = [...SELECTORS.keys()]
    throw badSelector(`there is no selector ${key}=; did you mean ${closest(key, keys)}=?`, keys)
  }
  const { values, asksSwarm, holds } = selector
  if (values ? !values.includes(value) : value === '') {
    throw badSelector(`${text}: ${key} is ${values ? values.join(', ') : 'KEY or KEY:VALUE'}`, values)
  }
  return { asksSwarm, holds: facts => holds(facts, value) }
}

/** `zone:a` or `zone=a` is a label with its value, `ssd` one with whatever value. A key holds neither `:` nor `=`. */
function hasLabel(labels: Readonly<Record<string, string>>, wanted: string): boolean {
  const [key = ''] = wanted.split(/[:=]/, 1)
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined
  return value !== undefined && (key === wanted || value === wanted.slice(key.length + 1))
}

function badSelector(message: string, known: readonly string[] = []) {
  return usageError('bad-selector', message, {
    hint: 'selectors are role=worker, label=zone:a, state=down, availability=drain, status=off',
    details: { known },
  })
}
