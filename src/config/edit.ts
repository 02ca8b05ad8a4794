import { isDeepStrictEqual } from 'node:util'
import { isMap, type Node, stringify, type YAMLMap } from 'yaml'
import { usageError } from '../errors.ts'
import { type ConfigDocument, type Path, pairIn, parseConfig } from './document.ts'

/**
 * Sets one value in a config, or removes it if `value` is undefined. Only the lines of that value change. Comments, order
 * and layout are kept, which a YAML library's own output does not guarantee.
 * @throws `cannot-edit` if the file uses a layout that this function does not understand
 */
export function withValue(document: ConfigDocument, path: Path, value: unknown): ConfigDocument {
  const edited = parsedOr(cannotEdit(document, path), document.path, editedText(document, path, value))
  const expected = changed(document.data, path, value)
  if (isDeepStrictEqual(comparable(edited.data), comparable(expected))) return edited
  throw cannotEdit(document, path)
}

function parsedOr(failure: Error, path: string, text: string): ConfigDocument {
  try {
    return parseConfig(path, text)
  } catch {
    throw failure
  }
}

function editedText(document: ConfigDocument, path: Path, value: unknown): string {
  const { text, yaml } = document
  let parent: unknown = yaml.contents
  for (const [depth, key] of path.entries()) {
    if (isMap(parent) && parent.flow) {
      const whole = changed(parent.toJS(yaml), path.slice(depth), value)
      return replaced(text, parent as YAMLMap & Node, inline(whole))
    }
    const pair = pairIn(parent, key)
    if (!pair) return value === undefined ? text : added(document, path, depth, parent, value)
    const node = pair.value as Node
    if (depth === path.length - 1) {
      return value === undefined
        ? withoutLines(text, pair.key as Node, node)
        : replaced(text, node, inline(value))
    }
    parent = node
  }
  return text
}

/** Adds the keys of a path, starting at `depth`, to a mapping that does not have them yet. */
function added(document: ConfigDocument, path: Path, depth: number, parent: unknown, value: unknown): string {
  const { text } = document
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  const block = (indent: string) =>
    path
      .slice(depth)
      .map((key, level) => `${indent}${'  '.repeat(level)}${inline(key)}:`)
      .join(eol)
      .concat(' ', inline(value))
  // A new section goes at the end of the file: after the last key, it would separate that section from its comments.
  if (depth === 0) return `${text.trimEnd()}${text.trim() && eol + eol}${block('')}${eol}`
  const [start, end] = rangeOf(parent as Node)
  const isEmpty = start === end
  if (!isEmpty && !isMap(parent)) throw cannotEdit(document, path)
  const indent = isEmpty
    ? `${indentAt(text, document.offsetOf(path.slice(0, depth)))}  `
    : indentAt(text, document.offsetOf(path.slice(0, depth).concat(firstKey(parent as YAMLMap))))
  const section = document.offsetOf(path.slice(0, depth))
  const commentedOut =
    path.length - depth === 1 ? commentedLine(text, section, `${indent}# ${path.at(-1)}:`) : undefined
  if (commentedOut) return text.slice(0, commentedOut[0]) + block(indent) + text.slice(commentedOut[1])
  const at = lineEnd(text, start + text.slice(start, end).trimEnd().length)
  return `${text.slice(0, at)}${eol}${block(indent)}${text.slice(at)}`
}

/** Where a line that begins like this stands in the section whose key is at `offset`: a key that is commented out. */
function commentedLine(text: string, offset: number, beginning: string): [number, number] | undefined {
  const from = lineEnd(text, offset)
  const [section = ''] = /^(?:\r?\n(?:[ \t#].*)?)*/.exec(text.slice(from)) ?? []
  const at = section.split('\n').findIndex(line => line.startsWith(beginning))
  if (at === -1) return undefined
  const start = from + section.split('\n').slice(0, at).join('\n').length + 1
  return [start, lineEnd(text, start)]
}

function replaced(text: string, node: Node, value: string): string {
  const [start, end] = rangeOf(node)
  if (start === end) return `${text.slice(0, start)} ${value}${text.slice(start)}`
  return text.slice(0, start) + value + text.slice(start + text.slice(start, end).trimEnd().length)
}

function withoutLines(text: string, key: Node, node: Node): string {
  const start = text.lastIndexOf('\n', rangeOf(key)[0]) + 1
  const [from, to] = rangeOf(node)
  const end = lineEnd(text, from + text.slice(from, to).trimEnd().length)
  return text.slice(0, start) + text.slice(end).replace(/^\r?\n/, '')
}

function changed(data: Record<string, unknown>, path: Path, value: unknown): Record<string, unknown> {
  const [key, ...rest] = path as [string, ...Path]
  const { [key]: old, ...others } = data
  if (rest.length > 0) {
    if (old === undefined && value === undefined) return data
    return { ...data, [key]: changed((old ?? {}) as Record<string, unknown>, rest, value) }
  }
  return value === undefined ? others : { ...data, [key]: value }
}

/** Treats a key without a value like an empty mapping. */
function comparable(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data, (_key, value) => value ?? {}))
}

/** A value on one line. */
function inline(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', blockQuote: false, lineWidth: 0 }).trim()
}

function rangeOf(node: Node): [number, number] {
  const [start, end] = node.range ?? [0, 0]
  return [start, end]
}

function firstKey(map: YAMLMap): string {
  return String(map.items[0]?.key)
}

function indentAt(text: string, offset: number): string {
  return ' '.repeat(offset - (text.lastIndexOf('\n', offset - 1) + 1))
}

function lineEnd(text: string, offset: number): number {
  const end = text.slice(offset).search(/\r?\n|$/)
  return offset + end
}

function cannotEdit({ path: file }: ConfigDocument, path: Path): Error {
  return usageError('cannot-edit', `cannot change ${path.join('.')} in ${file} without losing its layout`, {
    hint: `edit the file yourself: $EDITOR ${file}`,
  })
}
