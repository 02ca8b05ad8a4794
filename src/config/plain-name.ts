/** What YAML does not take for text although it looks like a name. */
const NO_TEXT = ['true', 'false', 'null']

/**
 * The `name` that a config gives its cluster, where that can be told without a YAML parser, which is slow to load: all
 * lines that begin at the margin are comments or keys, and one of these is a plain name.
 * @returns undefined when it takes the parser to be sure, or there is no name
 */
export function plainName(text: string): string | undefined {
  const atMargin = text.split('\n').filter(line => /^\S/.test(line) && !line.startsWith('#'))
  if (!atMargin.every(line => /^[a-z][a-z0-9_]*:([ \t]|$)/.test(line))) return undefined
  const [name, ...more] = atMargin.filter(line => line.startsWith('name:'))
  const plain = name && /^name:[ \t]+([a-z][a-z0-9-]*)([ \t]+#.*|[ \t]*)$/.exec(name)?.[1]
  return plain && more.length === 0 && !NO_TEXT.includes(plain) ? plain : undefined
}
