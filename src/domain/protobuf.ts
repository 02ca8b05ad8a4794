/** A field's value: a number, or bytes. */
export type FieldValue = bigint | Uint8Array

const VARINT = 0
const BYTES = 2

/**
 * Parses a protocol buffer message into its fields by number; of repeated fields, the last. Supports numbers and bytes,
 * which is all that Docker's files use. This is our own code because libraries also parse schemas and are a hundred times
 * larger.
 * @throws RangeError if the message is truncated or contains other types
 */
export function fieldsOf(message: Uint8Array): Map<number, FieldValue> {
  const fields = new Map<number, FieldValue>()
  let at = 0
  const varint = () => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++]
      if (byte === undefined || shift > 63n) throw new RangeError('a number is cut off')
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  while (at < message.length) {
    const tag = Number(varint())
    if ((tag & 7) === VARINT) fields.set(tag >> 3, varint())
    else if ((tag & 7) === BYTES) {
      const end = Number(varint()) + at
      if (end > message.length) throw new RangeError('bytes are cut off')
      fields.set(tag >> 3, message.subarray(at, end))
      at = end
    } else throw new RangeError(`fields of type ${tag & 7} are not known`)
  }
  return fields
}

/** A field with bytes; empty if it is missing. */
export function bytesOf(fields: ReadonlyMap<number, FieldValue>, number: number): Uint8Array {
  const value = fields.get(number)
  return value instanceof Uint8Array ? value : new Uint8Array()
}

/** A field with a number; 0 if it is missing, as in protocol buffers. */
export function numberOf(fields: ReadonlyMap<number, FieldValue>, number: number): number {
  const value = fields.get(number)
  return typeof value === 'bigint' ? Number(value) : 0
}
