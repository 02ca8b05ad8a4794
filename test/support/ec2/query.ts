/** A value of EC2's query protocol: text, a structure, or a list. */
export type QueryValue = string | QueryStructure | QueryValue[]
export interface QueryStructure {
  [key: string]: QueryValue
}

/** Reads a request body such as `Action=X&Filter.1.Name=y&Filter.1.Value.1=z`. */
export function parseQuery(body: string): QueryStructure {
  const root: QueryStructure = {}
  for (const [key, value] of new URLSearchParams(body)) insert(root, key.split('.'), value)
  return root
}

function insert(into: QueryStructure, [key = '', ...rest]: readonly string[], value: string): void {
  if (rest.length === 0) {
    into[key] = value
    return
  }
  const isList = /^\d+$/.test(rest[0] ?? '')
  const inner = into[key] ?? (isList ? [] : {})
  into[key] = inner
  if (Array.isArray(inner)) insertItem(inner, rest, value)
  else if (typeof inner === 'object') insert(inner, rest, value)
}

function insertItem(list: QueryValue[], [number = '1', ...rest]: readonly string[], value: string): void {
  const index = Number(number) - 1
  if (rest.length === 0) {
    list[index] = value
    return
  }
  const item = list[index] ?? {}
  list[index] = item
  if (typeof item === 'object' && !Array.isArray(item)) insert(item, rest, value)
}

export function text(query: QueryStructure, key: string): string | undefined {
  const value = query[key]
  return typeof value === 'string' ? value : undefined
}

export function texts(query: QueryStructure, key: string): string[] {
  const value = query[key]
  return Array.isArray(value) ? value.filter(item => typeof item === 'string') : []
}

export function structures(query: QueryStructure, key: string): QueryStructure[] {
  const value = query[key]
  if (!Array.isArray(value)) return []
  return value.filter((item): item is QueryStructure => typeof item === 'object' && !Array.isArray(item))
}

export function structure(query: QueryStructure, key: string): QueryStructure {
  const value = query[key]
  return typeof value === 'object' && !Array.isArray(value) ? value : {}
}
