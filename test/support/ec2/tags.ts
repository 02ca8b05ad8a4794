import { type QueryStructure, structures, text, texts } from './query.ts'
import { Refusal } from './refusal.ts'

/** The tags that a request wants on what it makes. */
export function tagsFor(query: QueryStructure, resourceType: string): Map<string, string> {
  const tags = new Map<string, string>()
  for (const specification of structures(query, 'TagSpecification')) {
    if (text(specification, 'ResourceType') !== resourceType) continue
    for (const tag of structures(specification, 'Tag')) {
      const key = text(tag, 'Key') ?? ''
      const value = text(tag, 'Value') ?? ''
      if (key.length > 128 || value.length > 256 || /^aws:/i.test(key))
        throw new Refusal('InvalidParameterValue', `Tag ${key} is not valid`)
      tags.set(key, value)
    }
  }
  return tags
}

/** A request's filters as a test; `properties` are those that a filter may name besides tags. */
export function filterOf<T extends { readonly tags: ReadonlyMap<string, string> }>(
  query: QueryStructure,
  properties: Record<string, (item: T) => string | undefined> = {},
): (item: T) => boolean {
  const filters = structures(query, 'Filter').map(filter => {
    const name = text(filter, 'Name') ?? ''
    const values = texts(filter, 'Value').map(asPattern)
    const property = properties[name]
    const tag = /^tag:(.+)$/.exec(name)?.[1]
    if (!property && tag === undefined)
      throw new Refusal('InvalidParameterValue', `The filter '${name}' is invalid`)
    const read = (item: T) => (property ? property(item) : item.tags.get(tag ?? ''))
    return (item: T) => values.some(value => value.test(read(item) ?? ''))
  })
  return item => filters.every(filter => filter(item))
}

function asPattern(value: string): RegExp {
  const escaped = value.replace(/[.+^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's')
}
