/**
 * One object of an engine's answer. The engine leaves out what it does not know, and its versions differ, so an absent
 * member has a default. A member of another type is refused, so that it is never taken for a value.
 */
export class EngineObject {
  readonly #members: Readonly<Record<string, unknown>>
  readonly #path: string

  private constructor(value: unknown, path: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new SyntaxError(`${path} is not an object`)
    this.#members = value as Readonly<Record<string, unknown>>
    this.#path = path
  }

  /** Reads an answer that is one object. @throws SyntaxError if it is something else */
  static read(body: string): EngineObject {
    return new EngineObject(JSON.parse(body), 'the answer')
  }

  /** Reads an answer that is a list of objects. @throws SyntaxError if it is something else */
  static readList(body: string): EngineObject[] {
    const list: unknown = JSON.parse(body)
    if (!Array.isArray(list)) throw new SyntaxError('the answer is not a list')
    return list.map((value, index) => new EngineObject(value, `[${index}]`))
  }

  has(key: string): boolean {
    return this.#value(key) !== undefined
  }

  /** A text; empty if absent. */
  text(key: string): string {
    const value = this.#value(key) ?? ''
    return typeof value === 'string' ? value : this.#refuse(key, 'a text')
  }

  /** A text without which the object means nothing, such as an id. */
  name(key: string): string {
    return this.text(key) || this.#refuse(key, 'given')
  }

  /** One of these words. */
  word<W extends string>(key: string, words: readonly W[]): W {
    const text = this.text(key)
    return words.find(word => word === text) ?? this.#refuse(key, `one of ${words.join(', ')}`)
  }

  /** A number that is not negative. */
  count(key: string, absent = 0): number {
    const value = this.#value(key) ?? absent
    return typeof value === 'number' && value >= 0 ? value : this.#refuse(key, 'a count')
  }

  /** Whether something is so; false if absent. */
  flag(key: string): boolean {
    const value = this.#value(key) ?? false
    return typeof value === 'boolean' ? value : this.#refuse(key, 'true or false')
  }

  /** An object; one without members if absent. */
  object(key: string): EngineObject {
    return new EngineObject(this.#value(key) ?? {}, this.#pathOf(key))
  }

  /** A list of objects; empty if absent. */
  objects(key: string): EngineObject[] {
    return this.#list(key).map((value, index) => new EngineObject(value, `${this.#pathOf(key)}[${index}]`))
  }

  /** A list of texts; empty if absent. */
  texts(key: string): string[] {
    return this.#list(key).map(value =>
      typeof value === 'string' ? value : this.#refuse(key, 'a list of texts'),
    )
  }

  /** Texts by their keys, such as labels; none if absent. */
  labels(key: string): Record<string, string> {
    const labels = this.object(key)
    return Object.fromEntries(Object.keys(labels.#members).map(name => [name, labels.text(name)]))
  }

  /** A member; undefined if it is absent or null. */
  #value(key: string): unknown {
    return Object.hasOwn(this.#members, key) ? (this.#members[key] ?? undefined) : undefined
  }

  #list(key: string): readonly unknown[] {
    const value = this.#value(key) ?? []
    return Array.isArray(value) ? value : this.#refuse(key, 'a list')
  }

  #pathOf(key: string): string {
    return `${this.#path}.${key}`
  }

  #refuse(key: string, wanted: string): never {
    throw new SyntaxError(`${this.#pathOf(key)} is not ${wanted}`)
  }
}
