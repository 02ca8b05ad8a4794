/** A record of a Raft log, as the engine writes it. */
export type LogRecord =
  | { readonly entry: { readonly term: number; readonly index: number }; readonly bytes?: number }
  | { readonly commit: number; readonly term?: number }
  | { readonly snapshot: { readonly term: number; readonly index: number } }

/** The bytes of a Raft log: its records, then the zeros that the file is made larger by. */
export function raftLog(records: readonly LogRecord[], zeros = 4096): Buffer {
  const frames = records.map(record =>
    framed(message([1, kindOf(record)], [2, 0xdead_beef], [3, dataOf(record)])),
  )
  return Buffer.concat([...frames, Buffer.alloc(zeros)])
}

function kindOf(record: LogRecord): number {
  if ('entry' in record) return 2
  return 'commit' in record ? 3 : 5
}

function dataOf(record: LogRecord): Buffer {
  if ('entry' in record) {
    const { term, index } = record.entry
    return message([1, 0], [2, term], [3, index], [4, Buffer.alloc(record.bytes ?? 40, 7)])
  }
  if ('commit' in record) return message([1, record.term ?? 1], [2, 0xdead_beef], [3, record.commit])
  return message([1, record.snapshot.index], [2, record.snapshot.term])
}

/** A record is filled up to eight bytes, and its header tells by how many. */
function framed(record: Buffer): Buffer {
  const padding = (8 - (record.length % 8)) % 8
  const header = Buffer.alloc(8)
  header.writeUInt32LE(record.length)
  if (padding > 0) header[7] = 0x80 | padding
  return Buffer.concat([header, record, Buffer.alloc(padding)])
}

/** A protocol buffer message. */
export function message(...fields: readonly (readonly [number, number | Uint8Array])[]): Buffer {
  return Buffer.concat(
    fields.flatMap(([number, value]) =>
      typeof value === 'number'
        ? [varint(number << 3), varint(value)]
        : [varint((number << 3) | 2), varint(value.length), Buffer.from(value)],
    ),
  )
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = BigInt(value)
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return Buffer.from([...bytes, Number(rest)])
}
