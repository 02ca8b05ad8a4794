import { randomUUID } from 'node:crypto'
import type { ClientChannel } from 'ssh2'

/** A shell reads its line byte by byte; this length takes a millisecond or two. */
const MOST_BYTES = 4096

/**
 * A session that was opened before there was a command for it: a shell waits there for a command line, so that the next
 * command takes one round trip (docs/decisions/ready-session.md).
 */
export class ReadySession {
  readonly channel: ClientChannel
  readonly #word: string

  constructor(channel: ClientChannel, word: string) {
    this.channel = channel
    this.#word = word
  }

  /** Whether the line is short enough: reading a long one takes longer than opening a session. */
  static takes(line: string): boolean {
    return Buffer.byteLength(line) <= MOST_BYTES
  }

  /** Ends the session unused. */
  discard(): void {
    discard(this.channel)
  }

  /** Runs a command, of one or more lines, which then reads what is written to the channel. */
  run(line: string): void {
    this.channel.write(`${line}\n${this.#word}\n`)
  }
}

/** Closes a channel whose output nobody reads: ssh2 reports the close only after all output was read. */
export function discard(channel: ClientChannel): void {
  for (const output of [channel, channel.stderr]) output.resume()
  channel.close()
}

/**
 * The script of the waiting shell: it reads lines up to one that equals `word` and evaluates them, with the rest of its
 * input untouched (POSIX `read` takes no byte after the line). It ends when its input ends first.
 */
export function awaitingLine(word: string): string {
  const next = `while IFS= read -r belt_next && [ "$belt_next" != ${word} ]; do`
  const add = `belt_line="$belt_line$belt_next\n"`
  const run = `[ "$belt_next" = ${word} ] && eval "unset belt_next belt_line; $belt_line"`
  return `belt_line=; ${next} ${add}; done; ${run}`
}

/** A word that appears in no command. */
export function newWord(): string {
  return `belt-${randomUUID()}`
}
