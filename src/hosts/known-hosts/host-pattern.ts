import { createHmac } from 'node:crypto'

/** The host field of a line of known_hosts: names, patterns or one hashed name (sshd(8)). */
export class HostField {
  /** Names without wildcards, in lower case. */
  readonly names: readonly string[]
  /** Whether it holds more than plain names, so that it has to be compared with each name. */
  readonly isPattern: boolean
  readonly isHashed: boolean
  readonly #wanted: readonly string[]
  readonly #excluded: readonly string[]
  readonly #text: string

  constructor(text: string) {
    const words = text.toLowerCase().split(',')
    this.#text = text
    this.isHashed = text.startsWith('|1|')
    this.isPattern = !this.isHashed && /[*?!]/.test(text)
    this.names = this.isHashed || this.isPattern ? [] : words
    const patterns = this.isPattern ? words : []
    this.#wanted = patterns.filter(word => !word.startsWith('!'))
    this.#excluded = patterns.filter(word => word.startsWith('!')).map(word => word.slice(1))
  }

  matches(name: string): boolean {
    if (this.isHashed) return this.#isHashOf(name)
    const lower = name.toLowerCase()
    if (!this.isPattern) return this.names.includes(lower)
    const fits = (pattern: string) => fitsWildcards(pattern, lower)
    return this.#wanted.some(fits) && !this.#excluded.some(fits)
  }

  /** OpenSSH hashes the names that it adds if HashKnownHosts is set, as on Debian. */
  #isHashOf(name: string): boolean {
    const [, , salt = '', hash] = this.#text.split('|')
    const hashOf = (text: string) =>
      createHmac('sha1', Buffer.from(salt, 'base64')).update(text).digest('base64') === hash
    return hashOf(name) || (name !== name.toLowerCase() && hashOf(name.toLowerCase()))
  }
}

/**
 * Whether a text fits a pattern in which `*` stands for any characters and `?` for one. Not a regular expression, because
 * that may take exponential time.
 */
export function fitsWildcards(pattern: string, text: string): boolean {
  let at = 0
  let star = -1
  let starText = 0
  for (let position = 0; position < text.length; ) {
    if (pattern[at] === '*') {
      star = at++
      starText = position
    } else if (pattern[at] === '?' || pattern[at] === text[position]) {
      at++
      position++
    } else if (star >= 0) {
      at = star + 1
      position = ++starText
    } else {
      return false
    }
  }
  return /^\**$/.test(pattern.slice(at))
}
