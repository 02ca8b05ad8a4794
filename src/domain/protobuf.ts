/** A field's value: a number, or bytes. */
export type FieldValue = bigint | Uint8Array

const VARINT = 0
const BYTES = 2

/**
 * The fields of a protocol buffer message by number, the last of each; as far as Docker's files need it: numbers and
 * bytes. Own code, because a library for it reads schemas as well and is a hundred times as large.
 * @throws RangeError when the message is cut off or of another kind
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

/** A field that holds bytes; none when it is not there. */
export function bytesOf(fields: ReadonlyMap<number, FieldValue>, number: number): Uint8Array {
  const value = fields.get(number)
  return value instanceof Uint8Array ? value : new Uint8Array()
}

/** A field that holds a number; 0 when it is not there, as protocol buffers have it. */
export function numberOf(fields: ReadonlyMap<number, FieldValue>, number: number): number {
  const value = fields.get(number)
  return typeof value === 'bigint' ? Number(value) : 0
}
