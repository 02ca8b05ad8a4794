import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { sharedSections } from '../src/config/schema.ts'
import { driverNames, loadDriver } from '../src/drivers/registry.ts'

/** Writes the JSON Schema that editors use; with `--check`, only tells whether the file is up to date. */
const file = fileURLToPath(new URL('../templates/schema.json', import.meta.url))
const expected = `${JSON.stringify(await jsonSchema(), null, 2)}\n`
if (!process.argv.includes('--check')) {
  writeFileSync(file, expected)
} else if (readFileSync(file, 'utf8') !== expected) {
  process.stderr.write(`${file} is out of date: node --import tsx scripts/schema.ts\n`)
  process.exitCode = 1
}

async function jsonSchema() {
  const drivers = await Promise.all(driverNames.map(loadDriver))
  const sections = {
    ...Object.fromEntries(drivers.map(({ name, schema }) => [name, schema.describe(`Options of ${name}`)])),
    ...sharedSections,
  }
  const { properties = {}, ...rest } = z.toJSONSchema(z.strictObject(sections), { io: 'input' })
  return {
    title: "A cluster's config",
    ...rest,
    required: [],
    patternProperties: { '^x-': {} },
    oneOf: driverNames.map(name => ({ required: [name] })),
    properties: Object.fromEntries(
      Object.entries(properties as Record<string, object>).map(([name, section]) => [name, lenient(section)]),
    ),
  }
}

/** Every key may come from the environment instead, and a section may be empty. */
function lenient({ required: _, ...section }: { required?: unknown; type?: unknown }) {
  return section.type === 'object' ? { ...section, type: ['object', 'null'] } : section
}
