/** The kinds of frames between a command and Belt's agent. A frame is its payload's length, kind, call and payload. */
export const Kind = {
  /** Both ways: the first frame, with the version of the protocol. */
  hello: 1,
  /** Both ways: checks that the other end still answers. */
  ping: 2,
  pong: 3,
  /** To the agent: starts a call. The caller chooses its number and uses it once. */
  open: 4,
  /** From the agent: the command has started. */
  started: 5,
  /** To the agent: standard input. From the agent: standard output. */
  data: 6,
  stderr: 7,
  /** To the agent: the end of standard input. */
  end: 8,
  /** Both ways: allows this many more bytes of `data` or `stderr`. */
  dataCredit: 9,
  stderrCredit: 10,
  /** To the agent: sends a signal, resizes the terminal, or ends the call. */
  signal: 11,
  resize: 12,
  abort: 13,
  /** From the agent: how the call ended. */
  result: 14,
  failure: 15,
  /** From the agent: it accepts no calls after this one. */
  bye: 16,
  /** From the agent, for a call with a slot: the host is silent, so the slot can be released; the host answers again. */
  silent: 17,
  answering: 18,
  /** To the agent: the call has its slot back. */
  goOn: 19,
} as const

export type Kind = (typeof Kind)[keyof typeof Kind]

export interface Frame {
  readonly kind: Kind
  /** 0 for frames about the whole connection. */
  readonly call: number
  readonly payload: Buffer
}

const HEADER_BYTES = 9
/** The largest payload is the content of a file to upload. */
const MAX_PAYLOAD_BYTES = 512 * 1024 * 1024
const KINDS: ReadonlySet<number> = new Set(Object.values(Kind))

/** The bytes of a frame, in pieces so that the payload is not copied. */
export function encode(kind: Kind, call: number, payload: Uint8Array = Buffer.alloc(0)): Uint8Array[] {
  const header = Buffer.allocUnsafe(HEADER_BYTES)
  header.writeUInt32BE(payload.byteLength, 0)
  header.writeUInt8(kind, 4)
  header.writeUInt32BE(call, 5)
  return payload.byteLength > 0 ? [header, payload] : [header]
}

/** Reassembles frames from chunks of any size. */
export class FrameReader {
  #chunks: Buffer[] = []
  #bytes = 0
  #wanted = HEADER_BYTES

  /** @throws if the bytes are not a frame; the bytes that follow cannot be read then */
  read(chunk: Buffer): Frame[] {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    const frames: Frame[] = []
    while (this.#bytes >= this.#wanted) {
      const bytes = this.#joined()
      const size = HEADER_BYTES + payloadBytes(bytes)
      this.#wanted = size
      if (bytes.length < size) break
      frames.push(frameFrom(bytes.subarray(0, size)))
      this.#chunks = [bytes.subarray(size)]
      this.#bytes = bytes.length - size
      this.#wanted = HEADER_BYTES
    }
    return frames
  }

  #joined(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)]
    return this.#chunks[0] as Buffer
  }
}

/** Packs a value, followed by bytes, into one payload. */
export function pack(value: unknown, ...bytes: readonly Uint8Array[]): Buffer {
  const json = Buffer.from(JSON.stringify(value))
  const length = Buffer.allocUnsafe(4)
  length.writeUInt32BE(json.length, 0)
  return Buffer.concat([length, json, ...bytes])
}

export function unpack<T>(payload: Buffer): { value: T; rest: Buffer } {
  const end = 4 + payload.readUInt32BE(0)
  return { value: JSON.parse(payload.toString('utf8', 4, end)) as T, rest: payload.subarray(end) }
}

export function packNumber(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32BE(value, 0)
  return bytes
}

function payloadBytes(header: Buffer): number {
  const bytes = header.readUInt32BE(0)
  if (bytes > MAX_PAYLOAD_BYTES) throw new Error(`a frame of ${bytes} bytes`)
  if (!KINDS.has(header.readUInt8(4))) throw new Error(`a frame of kind ${header.readUInt8(4)}`)
  return bytes
}

function frameFrom(bytes: Buffer): Frame {
  return {
    kind: bytes.readUInt8(4) as Kind,
    call: bytes.readUInt32BE(5),
    payload: bytes.subarray(HEADER_BYTES),
  }
}
