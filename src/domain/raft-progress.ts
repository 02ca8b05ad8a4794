import { bytesOf, fieldsOf, numberOf } from './protobuf.ts'

/** How far a manager has followed its Raft group. */
export interface RaftProgress {
  /** The last entry known to be committed; a new cluster started from this manager begins there. */
  readonly commit: number
  /** The term and index of the last entry in its log, which may not be committed. */
  readonly lastTerm: number
  readonly lastIndex: number
}

/** Sorts the most advanced progress last. Committed entries count first, because a new cluster drops all others. */
export function compareProgress(a: RaftProgress, b: RaftProgress): number {
  return a.commit - b.commit || a.lastTerm - b.lastTerm || a.lastIndex - b.lastIndex
}

const ENTRY = 2
const STATE = 3
const SNAPSHOT = 5
const HEADER_BYTES = 8

/**
 * Reads an engine's Raft log (etcd's write-ahead log). The content of entries is encrypted, but their numbers are not, so
 * this needs neither a key nor a leader. Push the file's bytes in any chunks.
 */
export class RaftLogReader {
  #rest: Uint8Array = new Uint8Array()
  #ended = false
  #commit = 0
  #lastTerm = 0
  #lastIndex = 0

  /** @throws RangeError if this is not a log */
  push(chunk: Uint8Array): void {
    if (this.#ended) return
    let bytes = this.#rest.length === 0 ? chunk : concatenated(this.#rest, chunk)
    for (;;) {
      const frame = frameOf(bytes)
      if (frame === undefined) break
      if (frame.size === 0) {
        // The file is preallocated; the rest is empty.
        this.#ended = true
        break
      }
      if (bytes.length < frame.end) break
      this.#take(bytes.subarray(HEADER_BYTES, HEADER_BYTES + frame.size))
      bytes = bytes.subarray(frame.end)
    }
    this.#rest = bytes
  }

  /** The progress read so far; undefined if no entry was read. */
  get progress(): RaftProgress | undefined {
    if (this.#commit === 0 && this.#lastIndex === 0) return undefined
    return { commit: this.#commit, lastTerm: this.#lastTerm, lastIndex: this.#lastIndex }
  }

  #take(record: Uint8Array): void {
    const fields = fieldsOf(record)
    const data = () => fieldsOf(bytesOf(fields, 3))
    switch (numberOf(fields, 1)) {
      case ENTRY: {
        // A later entry with the same number replaces the earlier one and all that follow it.
        const entry = data()
        this.#lastTerm = numberOf(entry, 2)
        this.#lastIndex = numberOf(entry, 3)
        break
      }
      case STATE:
        this.#commit = numberOf(data(), 3)
        break
      case SNAPSHOT: {
        const snapshot = data()
        if (numberOf(snapshot, 1) <= this.#lastIndex) break
        this.#lastIndex = numberOf(snapshot, 1)
        this.#lastTerm = numberOf(snapshot, 2)
      }
    }
  }
}

/** The length of a record, and where the next one starts; undefined if the header is incomplete. */
function frameOf(bytes: Uint8Array): { size: number; end: number } | undefined {
  if (bytes.length < HEADER_BYTES) return undefined
  const header = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)
  const size = Number(header & 0xff_ffff_ffff_ffffn)
  const top = Number(header >> 56n)
  const padding = top & 0x80 ? top & 7 : 0
  return { size, end: HEADER_BYTES + size + padding }
}

function concatenated(a: Uint8Array, b: Uint8Array): Uint8Array {
  const all = new Uint8Array(a.length + b.length)
  all.set(a)
  all.set(b, a.length)
  return all
}
