/** Words that look like a name but are not strings in YAML. */
const NOT_STRINGS = ['true', 'false', 'null']

/**
 * Reads a config's `name` without the YAML parser, which is slow to load. This works if every unindented line is a comment
 * or a key, and exactly one of them is a plain `name`.
 * @returns undefined if only the parser can tell, or there is no name
 */
export function plainName(text: string): string | undefined {
  const atMargin = text.split('\n').filter(line => /^\S/.test(line) && !line.startsWith('#'))
  if (!atMargin.every(line => /^[a-z][a-z0-9_]*:([ \t]|$)/.test(line))) return undefined
  const [name, ...more] = atMargin.filter(line => line.startsWith('name:'))
  const plain = name && /^name:[ \t]+([a-z][a-z0-9-]*)([ \t]+#.*|[ \t]*)$/.exec(name)?.[1]
  return plain && more.length === 0 && !NOT_STRINGS.includes(plain) ? plain : undefined
}
