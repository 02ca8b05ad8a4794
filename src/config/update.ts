import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff'
import type { z } from 'zod'
import { linkTarget } from '../atomic-file.ts'
import type { DriverModule } from '../drivers/module.ts'
import { usageError } from '../errors.ts'
import { withFileLock } from '../file-lock.ts'
import { type ConfigDocument, type Path, readConfig } from './document.ts'
import { withValue } from './edit.ts'
import { type Environment, valueFromText } from './environment.ts'
import { explain, unknownKey } from './explain.ts'
import { writeText, writing } from './files.ts'
import { checkConfig, driverOf } from './load.ts'
import { configSchema, sharedSections } from './schema.ts'
import { schemasAt } from './schema-tree.ts'
import { isSecret, maskedText } from './secrets.ts'
import { variableOf } from './variable-name.ts'
import type { Cluster } from './workspace.ts'

export interface ConfigUpdate {
  readonly configPath: string
  readonly changed: boolean
  /** A unified diff with secrets masked; empty if nothing changed. */
  readonly diff: string
}

interface Assignment {
  readonly path: Path
  /** The value as typed; undefined removes the key. */
  readonly text: string | undefined
}

/**
 * Changes a cluster's config in place and keeps its comments and order. All assignments are written, or none if the
 * result is not valid. Concurrent updates wait for each other.
 * @param assignments `region=local` (of the driver), `ssh.user=root`, or `region-` to remove a key
 * @throws `bad-assignment`, `unknown-key`, `bad-value`, `secret-argument`, `cannot-edit`, `bad-config`, `unwritable-file`
 */
export async function updateConfig(
  cluster: Cluster,
  assignments: readonly string[],
  environment: Environment,
): Promise<ConfigUpdate> {
  const { configPath } = cluster
  const update = async (assertHeld: () => Promise<void>) => {
    const before = await readConfig(cluster)
    const driver = await driverOf(before)
    const after = applied(before, driver, assignments)
    if (after.text === before.text) return { configPath, changed: false, diff: '' }
    await checkConfig(cluster, after, environment)
    await assertHeld()
    await writeText(await linkTarget(configPath), after.text)
    return { configPath, changed: true, diff: diffOf(before, after, driver) }
  }
  return writing(configPath, () => withFileLock(configPath, update))
}

function applied(document: ConfigDocument, driver: DriverModule, assignments: readonly string[]) {
  const schema = configSchema(driver)
  return assignments.reduce((current, words) => {
    const { path, text } = readAssignment(words, driver, schema)
    return withValue(current, path, text === undefined ? undefined : checkedValue(path, text, schema))
  }, document)
}

function checkedValue(path: Path, text: string, schema: z.ZodType): unknown {
  const schemas = schemasAt(schema, path)
  const value = valueFromText(text, schemas)
  const issue = schemas[0]?.safeParse(value).error?.issues[0]
  if (!issue) return value
  const data = path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value)
  const [fault] = explain({ ...issue, path: [...path, ...issue.path] }, schema, data)
  throw usageError('bad-value', fault?.message ?? issue.message, {
    hint: 'see .belt.example.yaml in the Belt package, which has an example for every key',
  })
}

function readAssignment(words: string, driver: DriverModule, schema: z.ZodType): Assignment {
  const match = /^(?<set>[^=]+)=(?<text>.*)$|^(?<removed>[^=]+)-$/s.exec(words)
  const key = match?.groups?.set ?? match?.groups?.removed
  if (key === undefined) {
    throw usageError('bad-assignment', `${JSON.stringify(words)} is not an assignment`, {
      hint: 'write region=local or ssh.user=root, or region- to remove a key',
    })
  }
  const path = pathOf(key, driver)
  checkPath(path, schema)
  const text = match?.groups?.text
  if (text !== undefined && isSecret(driver, path)) throw secretArgument(path)
  return { path, text }
}

/** A key without a section belongs to the driver; kernel keys contain dots themselves. */
function pathOf(key: string, driver: DriverModule): Path {
  const [section = '', ...rest] = key.split('.')
  if (section === 'sysctl' && rest.length > 0) return [section, rest.join('.')]
  const isSection = section === driver.name || Object.hasOwn(sharedSections, section)
  return isSection ? [section, ...rest] : [driver.name, section, ...rest]
}

function checkPath(path: Path, schema: z.ZodType): void {
  const depth = path.findIndex((_, index) => schemasAt(schema, path.slice(0, index + 1)).length === 0)
  if (depth === -1) return
  throw usageError('unknown-key', unknownKey(path.slice(0, depth), String(path[depth]), schema), {
    hint: 'run belt cluster config to see which keys are set; .belt.example.yaml documents all keys',
  })
}

function secretArgument([section, key]: Path): Error {
  return usageError('secret-argument', `${key} is a secret, and other users can see command-line arguments`, {
    hint: `set ${variableOf(String(section), String(key))} in the environment, or write it to the config file`,
  })
}

function diffOf(before: ConfigDocument, after: ConfigDocument, driver: DriverModule): string {
  return createTwoFilesPatch(
    before.path,
    after.path,
    maskedText(before, driver),
    maskedText(after, driver),
    undefined,
    undefined,
    { headerOptions: FILE_HEADERS_ONLY },
  )
}
