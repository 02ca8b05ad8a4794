import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml'
import { isClusterName } from './cluster-name.ts'
import { readText } from './files.ts'
import { badConfig } from './problems.ts'

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

/**
 * Parses a config's text.
 * @param path the file's path, for messages
 * @throws `bad-config` if the text is not YAML or not a mapping
 */
export function parseConfig(path: string, text: string): ConfigDocument {
  const lineCounter = new LineCounter()
  // Pretty messages quote the line, which may contain a token.
  const yaml = parseDocument(text, { lineCounter, prettyErrors: false })
  const at = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset)
    return `${path}:${Math.max(1, line)}:${Math.max(1, col)}`
  }
  // A syntax error makes the errors after it meaningless.
  const [fault] = yaml.errors
  if (fault) throw badConfig([{ where: at(fault.pos[0]), message: fault.message }])
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
 * @throws `bad-config`, also if the file does not exist; `unreadable-file`
 */
export async function readConfig(path: string): Promise<ConfigDocument> {
  const text = await readText(path)
  if (text === undefined) throw badConfig([{ where: path, message: 'the file does not exist' }])
  return parseConfig(path, text)
}

/** The cluster's `name` in a config, if set. Throws `bad-config`. */
export async function readName(path: string): Promise<string | undefined> {
  const { data, where } = await readConfig(path)
  if (data.name === undefined) return undefined
  if (typeof data.name === 'string' && isClusterName(data.name)) return data.name
  throw badConfig([{ where: where(['name']), message: `name: ${BAD_NAME}` }])
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
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, value ?? {}]))
}

function toData(yaml: Document, where: string): Record<string, unknown> {
  try {
    return yaml.toJS() as Record<string, unknown>
  } catch (error) {
    throw badConfig([{ where, message: (error as Error).message }])
  }
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
