import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Ajv, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import type { Call, Reply } from './routes.ts'

/** Where the vendor's OpenAPI document is looked for; it does not come with Belt. */
const PATH = process.env.DIGITALOCEAN_OPENAPI ?? resolve('../shared/do-openapi.json')

let noticed = false

type Node = Record<string, unknown>

/** Holds requests and answers to the vendor's OpenAPI document. */
export class Specification {
  readonly #document: Node
  readonly #ajv = new Ajv({ strict: false, unicodeRegExp: false })
  readonly #validators = new Map<string, ValidateFunction>()
  readonly #paths: { template: string; pattern: RegExp }[]

  /** @returns undefined, with a notice, where the document is absent */
  static find(): Specification | undefined {
    if (existsSync(PATH)) return new Specification(JSON.parse(readFileSync(PATH, 'utf8')))
    if (!noticed)
      process.stderr.write(`\nSKIPPED, requests are not held to DigitalOcean's document: no ${PATH}\n`)
    noticed = true
    return undefined
  }

  private constructor(document: Node) {
    this.#document = document
    // biome-ignore lint/suspicious/noExplicitAny: the package's types and its CommonJS export disagree
    ;(addFormats as any)(this.#ajv)
    this.#ajv.addSchema(document, 'do')
    this.#paths = Object.keys(document.paths as Node)
      .sort((a, b) => a.split('{').length - b.split('{').length)
      .map(template => ({ template, pattern: new RegExp(`^${template.replace(/\{[^}]+\}/g, '[^/]+')}$`) }))
  }

  /** What is wrong with a request and its answer; what the answer refuses may be wrong. */
  violations(call: Call, reply: Reply): string[] {
    const template = this.#paths.find(({ pattern }) => pattern.test(call.path))?.template
    const at = `paths/${escaped(template ?? '')}/${call.method.toLowerCase()}`
    const operation = template === undefined ? undefined : this.#at(at)
    if (!operation) return [`${call.method} ${call.path} is not in the document`]
    const where = `${call.method} ${call.path}`
    return [
      ...this.#queryViolations(operation, call).map(fault => `${where}: query ${fault}`),
      ...(reply.status < 400
        ? this.#check(`${at}/requestBody/content/application~1json/schema`, call.body)
        : []
      ).map(fault => `${where}: body ${fault}`),
      ...this.#answerViolations(at, operation, reply).map(
        fault => `${where}: answer ${reply.status} ${fault}`,
      ),
    ]
  }

  #queryViolations(operation: Node, { query }: Call): string[] {
    const parameters = ((operation.parameters ?? []) as Node[]).map(parameter => this.#resolved(parameter))
    return [...query].flatMap(([name, text]) => {
      const parameter = parameters.find(known => known.name === name && known.in === 'query')
      if (!parameter) return [`${name} is not known`]
      const schema = parameter.schema as Node
      const value =
        schema.type === 'integer' ? Number(text) : schema.type === 'boolean' ? text === 'true' : text
      const validate = this.#ajv.compile(schema)
      return validate(value) ? [] : [`${name}: ${this.#ajv.errorsText(validate.errors)}`]
    })
  }

  #answerViolations(at: string, operation: Node, { status, body }: Reply): string[] {
    const responses = operation.responses as Record<string, Node>
    const key = responses[status] ? String(status) : 'default'
    const ref = responses[key]?.$ref as string | undefined
    const base = ref ? ref.slice(2) : `${at}/responses/${key}`
    if (!this.#at(base)) return ['is not known']
    return this.#check(`${base}/content/application~1json/schema`, body)
  }

  #check(pointer: string, value: unknown): string[] {
    const schema = this.#at(pointer)
    if (!schema) return value === undefined ? [] : ['should be empty']
    const chosen = discriminated(schema, value) ?? `#/${pointer}`
    const validate = this.#validators.get(chosen) ?? this.#ajv.compile({ $ref: `do${chosen}` })
    this.#validators.set(chosen, validate)
    return validate(value) ? [] : [this.#ajv.errorsText(validate.errors)]
  }

  #resolved(node: Node): Node {
    return typeof node.$ref === 'string' ? (this.#at(node.$ref.slice(2)) ?? {}) : node
  }

  #at(pointer: string): Node | undefined {
    return pointer
      .split('/')
      .reduce<Node | undefined>((node, key) => node?.[unescaped(key)] as Node | undefined, this.#document)
  }
}

/** The alternative that a value names by itself, where several would take it. */
function discriminated(schema: Node, value: unknown): string | undefined {
  const { propertyName = '', mapping } = (schema.discriminator ?? {}) as {
    propertyName?: string
    mapping?: Record<string, string>
  }
  return mapping?.[String((value as Node | undefined)?.[propertyName])]
}

function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}

function unescaped(key: string): string {
  return key.replaceAll('~1', '/').replaceAll('~0', '~')
}
