import { stringify } from 'yaml'
import { MASK } from '../domain/redact.ts'
import type { Config } from './load.ts'
import { defaultOf, keysAt, schemasAt } from './schema-tree.ts'
import { isSecret } from './secrets.ts'

type Sections = Record<string, Record<string, unknown>>

/** The effective config, in the file's notation, with secrets masked. */
export interface EffectiveConfig {
  readonly cluster: string
  readonly file: string
  readonly config: Readonly<Sections>
  /** Where each value comes from, by path such as `docker.region`: `file`, `default` or `environment NAME`. */
  readonly origins: Readonly<Record<string, string>>
}

/** All values that are set or have a default, and where each comes from. */
export function effectiveConfig({ cluster, driver, source }: Config): EffectiveConfig {
  const { document, schema, variables } = source
  const written = source.data as Sections
  const config: Sections = {}
  const origins: Record<string, string> = {}
  for (const section of [driver.name, 'ssh', 'swarm', 'sysctl', 'nodes']) {
    const keys = new Set([...keysAt(schema, [section]), ...Object.keys(written[section] ?? {})])
    for (const key of keys) {
      const value = valueIn(section, key)
      if (value === undefined) continue
      config[section] = { ...config[section], [key]: isSecret(driver, [section, key]) ? MASK : value }
      origins[`${section}.${key}`] = originOf(section, key)
    }
  }
  return { cluster: cluster.name, file: document.path, config, origins }

  /** A key without a value, such as just the name of a node, counts as set. */
  function valueIn(section: string, key: string): unknown {
    const value = written[section]?.[key]
    return value === undefined ? schemasAt(schema, [section, key]).map(defaultOf)[0] : (value ?? {})
  }

  function originOf(section: string, key: string): string {
    const variable = variables.get(`${section}.${key}`)
    if (variable !== undefined) return `environment ${variable}`
    return Object.hasOwn(written[section] ?? {}, key) ? 'file' : 'default'
  }
}

/** The config as YAML, with a comment on each value that says where it comes from. */
export function renderConfig({ config, origins, file }: EffectiveConfig): string {
  const lines = Object.entries(config).flatMap(([section, values]) => [
    { text: `${section}:`, origin: undefined },
    ...Object.entries(values).flatMap(([key, value]) => linesOf(key, value, origins[`${section}.${key}`])),
  ])
  const width = Math.max(...lines.filter(({ origin }) => origin).map(({ text }) => text.length))
  const body = lines.map(({ text, origin }) => (origin ? `${text.padEnd(width)}  # ${origin}` : text))
  return `# ${file}\n${body.join('\n')}\n`
}

function linesOf(key: string, value: unknown, origin: string | undefined) {
  const [first = '', ...more] = stringify({ [key]: value }, { lineWidth: 0 })
    .trimEnd()
    .split('\n')
  return [{ text: `  ${first}`, origin }, ...more.map(line => ({ text: `  ${line}`, origin: undefined }))]
}
