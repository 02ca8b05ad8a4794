import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { driverNames } from '../../src/drivers/registry.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const EXAMPLE = readFileSync('.belt.example.yaml', 'utf8')

describe('the example', () => {
  it.each(driverNames)('is a valid config with %s enabled', async driver => {
    const config = await load(exampleFor(driver))
    expect(config.driver.name).toBe(driver)
    expect(config.nodes.map(({ pattern }) => pattern)).toEqual(['mg[0:2]', 'node[1:4]'])
  })

  it.each(driverNames)('has every key that a config with %s may have', async driver => {
    const { source } = await load(exampleFor(driver))
    expect(keysOf(source.data)).toEqual(expect.arrayContaining(keysOfSchema(driver)))
  })

  it('explains each line', () => {
    const lines = EXAMPLE.split('\n').filter(line => /^(name|docker|ssh|swarm|sysctl|nodes):/.test(line))
    expect(lines.length).toBe(6)
    for (const line of lines) expect(EXAMPLE).toMatch(new RegExp(`^# .*\n${line}$`, 'm'))
  })
})

describe.each(driverNames)('the template of %s', driver => {
  it('is a valid config, also with everything uncommented', async () => {
    const template = readFileSync(`templates/config/${driver}.yml`, 'utf8')
    const offered = template.replace(/^( *)# (?= *(- )?[\w[\]:]+:( |$))/gm, '$1')
    expect((await load(offered)).driver.name).toBe(driver)
    if (driver !== 'static') expect((await load(template)).driver.name).toBe(driver)
    else await expect(load(template)).rejects.toThrow('static.hosts: missing')
  })
})

describe('the JSON Schema', () => {
  it('matches the schema that Belt validates with', () => {
    execFileSync(process.execPath, ['--import', 'tsx', 'scripts/schema.ts', '--check'], { stdio: 'pipe' })
  })

  it('describes every key', () => {
    const undescribed = describedKeys(JSON.parse(readFileSync('templates/schema.json', 'utf8')))
      .filter(({ description }) => !description)
      .map(({ path }) => path)
    expect(undescribed).toEqual([])
  })
})

interface JsonSchema {
  description?: string
  properties?: Record<string, JsonSchema>
  additionalProperties?: JsonSchema | boolean
  items?: JsonSchema
  anyOf?: JsonSchema[]
}

/** All keys below a schema; a key of a map is written as `*`, an item of a list as its list. */
function describedKeys(schema: JsonSchema, path = ''): { path: string; description: string | undefined }[] {
  const below = [schema, ...(schema.anyOf ?? [])].flatMap(
    ({ properties = {}, additionalProperties, items, anyOf }) => [
      ...Object.entries(properties).flatMap(([key, value]) => [
        { path: `${path}${key}`, description: value.description },
        ...describedKeys(value, `${path}${key}.`),
      ]),
      ...(typeof additionalProperties === 'object' ? describedKeys(additionalProperties, `${path}*.`) : []),
      ...(items ? describedKeys(items, path) : []),
      ...(anyOf && schema.anyOf !== anyOf ? anyOf.flatMap(part => describedKeys(part, path)) : []),
    ],
  )
  return below
}

function keysOfSchema(driver: string): string[] {
  const schema: JsonSchema = JSON.parse(readFileSync('templates/schema.json', 'utf8'))
  const others = driverNames.filter(name => name !== driver)
  return describedKeys(schema)
    .map(({ path }) => path)
    .filter(path => !others.some(other => path === other || path.startsWith(`${other}.`)))
}

/** All keys of some data, written as `describedKeys` does. */
function keysOf(data: unknown, path = ''): string[] {
  if (Array.isArray(data)) return data.flatMap(item => keysOf(item, path))
  if (typeof data !== 'object' || data === null) return []
  return Object.entries(data).flatMap(([key, value]) => {
    const shown = path === 'nodes.' || path === 'sysctl.' ? '*' : key
    return [`${path}${shown}`, ...keysOf(value, `${path}${shown}.`)]
  })
}

/** The example with another driver's lines in effect, those of docker commented out. */
function exampleFor(driver: string): string {
  if (driver === 'docker') return EXAMPLE
  const [alternative = ''] = new RegExp(`^#${driver}:\n(#.*\n)+`, 'm').exec(EXAMPLE) ?? []
  const active = alternative.replaceAll(/^#/gm, '')
  return EXAMPLE.replace(/^docker:\n( .*\n)+/m, '').replace(alternative, active)
}

async function load(text: string) {
  const folder = await temporaryFolder({ 'swarm2k.yaml': text })
  const cluster = { name: 'swarm2k', configPath: join(folder, 'swarm2k.yaml'), folder }
  return loadConfig(cluster, {})
}
