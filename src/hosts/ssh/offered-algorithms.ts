import { WireReader } from './wire-reader.ts'

/** SSH_MSG_KEXINIT (RFC 4253, section 7.1). */
const KEXINIT = 20
const COOKIE_BYTES = 16
/** A server may send other lines before its greeting, and KEXINIT has about a kilobyte. */
const MOST_BYTES = 16 * 1024

/** The algorithms of a server, in the order of KEXINIT. */
const LISTS = ['key exchange', 'host key', 'cipher', 'cipher', 'MAC', 'MAC'] as const

export type AlgorithmKind = (typeof LISTS)[number]

/** Keeps the first bytes of a server, in which it says in the clear what algorithms it offers. */
export class Greeting {
  #bytes: Buffer = Buffer.alloc(0)

  add(chunk: Buffer): void {
    if (this.#bytes.length < MOST_BYTES) this.#bytes = Buffer.concat([this.#bytes, chunk])
  }

  /** @returns the names that the server offers; none if it did not get that far */
  offered(kind: AlgorithmKind): string[] {
    const line = /(?:^|\n)SSH-[^\n]*\n/.exec(this.#bytes.toString('latin1'))
    const packet = this.#bytes.subarray(line ? line.index + line[0].length : this.#bytes.length)
    if (packet[5] !== KEXINIT) return []
    try {
      const reader = new WireReader(packet, 6 + COOKIE_BYTES)
      const lists = LISTS.map(name => ({ name, offered: reader.text().split(',') }))
      return lists.find(({ name }) => name === kind)?.offered ?? []
    } catch {
      return []
    }
  }
}
