import type { Algorithms, Client } from 'ssh2'

/** Where ssh2 keeps what it proposes to a host; private there, so that it may be missing. */
interface Offering {
  _protocol?: { _offer?: unknown }
}

/**
 * What is proposed to hosts, as ssh2 has prepared it. It prepares the same lists for every connection anew, which takes
 * longer than to say them; here those of the first one are said to all that are to get the same. Where ssh2 keeps no
 * such thing, it prepares them each time.
 */
export class Offers {
  readonly #prepared = new Map<string, unknown>()

  /** What to connect with: nothing where what the algorithms lead to is prepared, and `put` puts it in. */
  settingsFor(wanted: Algorithms): { algorithms?: Algorithms } {
    return this.#prepared.has(keyOf(wanted)) ? {} : { algorithms: wanted }
  }

  /** To be called after `client.connect`, with the same algorithms. */
  put(client: Client, wanted: Algorithms): void {
    const protocol = (client as Offering)._protocol
    if (protocol?._offer === undefined) return
    const key = keyOf(wanted)
    const prepared = this.#prepared.get(key)
    if (prepared === undefined) this.#prepared.set(key, protocol._offer)
    else protocol._offer = prepared
  }
}

/** Hosts differ only in the types of the keys that are known of them. */
function keyOf({ serverHostKey }: Algorithms): string {
  return JSON.stringify(serverHostKey)
}
