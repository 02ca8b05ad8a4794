import { z } from 'zod'

/** The schemas that apply to the value at a path: several inside a union, none where no value is allowed. */
export function schemasAt(schema: z.ZodType, path: readonly PropertyKey[]): z.ZodType[] {
  return path.reduce<z.ZodType[]>(
    (schemas, key) => schemas.flatMap(alternatives).flatMap(plain => childOf(plain, key)),
    [schema],
  )
}

/** The keys that the object at a path may have. */
export function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  return schemasAt(schema, path)
    .flatMap(alternatives)
    .flatMap(plain => (plain instanceof z.ZodObject ? Object.keys(plain.shape) : []))
}

/** The default value of a schema, in the notation of the file. */
export function defaultOf(schema: z.ZodType): unknown {
  return schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault
    ? schema.def.defaultValue
    : undefined
}

function alternatives(schema: z.core.$ZodType): z.ZodType[] {
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(alternatives)
  if (schema instanceof z.ZodPipe) return alternatives(schema.in)
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  ) {
    return alternatives(schema.unwrap())
  }
  return [schema as z.ZodType]
}

function childOf(schema: z.ZodType, key: PropertyKey): z.ZodType[] {
  if (schema instanceof z.ZodRecord) return [schema.valueType as z.ZodType]
  if (schema instanceof z.ZodArray) return [schema.element as z.ZodType]
  if (schema instanceof z.ZodObject && Object.hasOwn(schema.shape, key)) return [schema.shape[String(key)]]
  return []
}
