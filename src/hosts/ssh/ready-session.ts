import { randomUUID } from 'node:crypto'
import type { ClientChannel } from 'ssh2'

/** A shell reads its line byte by byte; one of this length takes it a millisecond or two. */
const MOST_BYTES = 4096

/**
 * A session that was begun before there was a command for it: a shell waits there for its line, so that neither the host
 * nor the way to it has to begin one when the command comes.
 */
export class ReadySession {
  readonly channel: ClientChannel
  readonly #word: string

  constructor(channel: ClientChannel, word: string) {
    this.channel = channel
    this.#word = word
  }

  /** Whether it takes this line: not one that is read for longer than a session takes to begin. */
  static takes(line: string): boolean {
    return Buffer.byteLength(line) <= MOST_BYTES
  }

  /** Lets it end unused. */
  discard(): void {
    discard(this.channel)
  }

  /** Runs the line, which may have several; what is written to the channel afterwards is what it reads. */
  run(line: string): void {
    this.channel.write(`${line}\n${this.#word}\n`)
  }
}

/** Closes a channel whose output nobody takes: ssh2 tells of the close only when all of that was read. */
export function discard(channel: ClientChannel): void {
  for (const output of [channel, channel.stderr]) output.resume()
  channel.close()
}

/**
 * What such a shell is begun with: it takes lines up to one that says `word`, and becomes what they say, with the rest of
 * its input untouched (POSIX has `read` take no byte behind the line). Where the input ends before, it ends.
 */
export function awaitingLine(word: string): string {
  const next = `while IFS= read -r belt_next && [ "$belt_next" != ${word} ]; do`
  const add = `belt_line="$belt_line$belt_next\n"`
  const run = `[ "$belt_next" = ${word} ] && eval "unset belt_next belt_line; $belt_line"`
  return `belt_line=; ${next} ${add}; done; ${run}`
}

/** A word that no command has; Node makes these many at once, other random bytes one by one. */
export function newWord(): string {
  return `belt-${randomUUID()}`
}
