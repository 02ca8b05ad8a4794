import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLError,
} from 'yaml'
import { BeltError } from '../errors.ts'
import { isClusterName } from './cluster-name.ts'
import { type ConfigFile, readConfigText } from './config-file.ts'
import { badConfig, needsQuotes } from './problems.ts'

export type Path = readonly (string | number)[]

/** A config file: its data, and the position of each value. */
export interface ConfigDocument {
  readonly path: string
  readonly text: string
  readonly yaml: Document
  /** The parsed data; empty sections are empty objects. */
  readonly data: Record<string, unknown>
  /** `FILE:LINE:COLUMN` of the key at a path, or of its nearest existing parent. */
  where(path: Path): string
  /** The same position, as a character offset from the start of the file. */
  offsetOf(path: Path): number
}

/** No config needs as many levels; more would overflow the stack where data is copied or checked. */
const MOST_LEVELS = 50

/**
 * Parses a config's text. Sections whose name starts with `x-` are left out: they hold what others refer to.
 * @param path the file's path, for messages
 * @throws `bad-config` if the text is not YAML, not a mapping, or holds several documents
 */
export function parseConfig(path: string, text: string): ConfigDocument {
  const lineCounter = new LineCounter()
  const yaml = unlessTooDeep(path, () =>
    // Pretty messages quote the line, which may contain a token. Warnings would be printed when the data is read.
    parseDocument(text, { lineCounter, prettyErrors: false, merge: true, logLevel: 'error' }),
  )
  const at = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset)
    return `${path}:${Math.max(1, line)}:${Math.max(1, col)}`
  }
  // A syntax error makes the errors after it meaningless.
  const [fault] = [...yaml.errors, ...yaml.warnings]
  if (fault?.code === 'RESOURCE_EXHAUSTION') throw tooDeep(at(fault.pos[0]))
  if (fault) throw badConfig([{ where: at(fault.pos[0]), message: messageOf(fault) }])
  return {
    path,
    text,
    yaml,
    data: dataOf(yaml, at(0)),
    where: keys => at(offsetIn(yaml, keys)),
    offsetOf: keys => offsetIn(yaml, keys),
  }
}

/**
 * Reads a config.
 * @throws `bad-config`, also if the file does not exist; `unreadable-file`, `unsafe-file`
 */
export async function readConfig(file: ConfigFile): Promise<ConfigDocument> {
  const text = await readConfigText(file)
  const { configPath } = file
  if (text === undefined) throw badConfig([{ where: configPath, message: 'the file does not exist' }])
  return parseConfig(configPath, text)
}

/** The cluster's `name` in a config, if set. Throws `bad-config`. */
export async function readName(file: ConfigFile): Promise<string | undefined> {
  const { data, where } = await readConfig(file)
  if (data.name === undefined) return undefined
  if (typeof data.name === 'string' && isClusterName(data.name)) return data.name
  const problem = needsQuotes(data.name) ? 'must be text: put it in quotes' : BAD_NAME
  throw badConfig([{ where: where(['name']), message: `name: ${problem}` }])
}

export const BAD_NAME = 'must be at most 63 lowercase letters, digits and hyphens'

/** The pair with a key in a mapping. */
export function pairIn(node: unknown, key: string | number): Pair | undefined {
  if (!isMap(node)) return undefined
  return node.items.find(
    ({ key: candidate }) => isScalar(candidate) && String(candidate.value) === String(key),
  )
}

function dataOf(yaml: Document, where: string): Record<string, unknown> {
  if (yaml.contents === null) return {}
  if (!isMap(yaml.contents))
    throw badConfig([
      { where, message: 'the config must be a mapping that starts with a driver, such as "docker:"' },
    ])
  const data = toData(yaml, where)
  if (isTooDeep(data)) throw tooDeep(where)
  const sections = Object.entries(data).filter(([key]) => !key.startsWith('x-'))
  return Object.fromEntries(sections.map(([key, value]) => [key, value ?? {}]))
}

function toData(yaml: Document, where: string): Record<string, unknown> {
  try {
    return unlessTooDeep(where, () => yaml.toJS() as Record<string, unknown>)
  } catch (error) {
    throw error instanceof BeltError ? error : badConfig([{ where, message: messageOf(error as Error) }])
  }
}

/** The parser's messages quote the file after a colon. */
function messageOf(fault: Error | YAMLError): string {
  if ('code' in fault && fault.code === 'MULTIPLE_DOCS') return 'a config is one document: remove this line'
  return fault.message.replace(/: .*/s, '')
}

/** The parser calls itself for each level. */
function unlessTooDeep<T>(where: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw error instanceof RangeError ? tooDeep(where) : error
  }
}

function isTooDeep(data: unknown): boolean {
  let level = new Set([data])
  for (let depth = 0; level.size > 0; depth += 1) {
    if (depth > MOST_LEVELS) return true
    level = new Set([...level].flatMap(value => Object.values(value ?? {})).filter(isNested))
  }
  return false
}

function isNested(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

function tooDeep(where: string): BeltError {
  return badConfig([{ where, message: `it is nested more than ${MOST_LEVELS} levels deep` }])
}

function offsetIn(yaml: Document, path: Path): number {
  let node: unknown = yaml.contents
  let offset = (yaml.contents?.range ?? [0])[0]
  for (const key of path) {
    const pair = pairIn(node, key)
    const found = pair?.key ?? (isSeq(node) ? node.items[Number(key)] : undefined)
    offset = (found as Node | undefined)?.range?.[0] ?? offset
    node = pair ? pair.value : found
  }
  return offset
}
