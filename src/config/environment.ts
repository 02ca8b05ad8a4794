import { parse } from 'yaml'
import type { z } from 'zod'
import { usageError } from '../errors.ts'
import { formerKeyOf } from './former-keys.ts'
import { keysAt, schemasAt } from './schema-tree.ts'
import { variableOf } from './variable-name.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** A value from the environment that overrides the file. */
export interface Override {
  readonly section: string
  readonly key: string
  readonly variable: string
  readonly value: unknown
}

/** A key that says where requests, with their credentials, are sent. */
const URL_KEY = /(^|_)url$/

/**
 * The values that the environment sets in these sections of a config. Empty variables are ignored.
 * @throws `empty-variable` for an empty URL: whoever sets one means another place than the default
 */
export function overridesFrom(
  environment: Environment,
  schema: z.ZodType,
  sections: readonly string[],
): Override[] {
  return sections.flatMap(section =>
    keysAt(schema, [section]).flatMap(key => {
      const names = [key, formerKeyOf(section, key)].filter(name => name !== undefined)
      const variable = names.map(name => variableOf(section, name)).find(name => environment[name])
      const text = variable && environment[variable]
      const empty =
        URL_KEY.test(key) &&
        names.map(name => variableOf(section, name)).find(name => environment[name] === '')
      if (empty && !text) throw emptyVariable(empty)
      if (!text) return []
      return [{ section, key, variable, value: valueFromText(text, schemasAt(schema, [section, key])) }]
    }),
  )
}

function emptyVariable(variable: string): Error {
  return usageError('empty-variable', `${variable} is set, but empty`, {
    hint: `set it to the URL to use, or unset it to use the config: unset ${variable}`,
  })
}

/**
 * Reads a value given outside a file: as YAML (numbers, lists), or as plain text where the schema accepts only text, so
 * that a region can be named `1` or `true`.
 */
export function valueFromText(text: string, schemas: readonly z.ZodType[]): unknown {
  const value = parseOrText(text)
  const isTaken = (candidate: unknown) => schemas.some(schema => schema.safeParse(candidate).success)
  return !isTaken(value) && isTaken(text) ? text : value
}

function parseOrText(text: string): unknown {
  try {
    return parse(text, { logLevel: 'error' }) ?? text
  } catch {
    return text
  }
}
