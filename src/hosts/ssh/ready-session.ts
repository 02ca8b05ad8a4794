import { randomUUID } from 'node:crypto'
import type { ClientChannel } from 'ssh2'
import { toBytes } from '../../domain/byte-text.ts'

/** A shell reads its input byte by byte; this length takes a millisecond or two. */
const MOST_BYTES = 4096

/**
 * A session opened before there is a command for it. Its shell waits for a command line, so that the next command takes
 * one round trip (docs/decisions/ready-session.md).
 */
export class ReadySession {
  readonly channel: ClientChannel
  readonly #word: string

  constructor(channel: ClientChannel, word: string) {
    this.channel = channel
    this.#word = word
  }

  /** Whether the script is short enough. Reading a long one takes longer than opening a session. */
  static takes(script: string): boolean {
    return Buffer.byteLength(script) <= MOST_BYTES
  }

  /** Ends the session unused. */
  discard(): void {
    discard(this.channel)
  }

  /** Runs a script of one or more lines. What is written to the channel afterwards is its input. */
  run(script: string): void {
    this.channel.write(toBytes(`${script}\n${this.#word}\n`))
  }
}

/** Closes a channel and drops its output, because ssh2 reports the close only after all output was read. */
export function discard(channel: ClientChannel): void {
  for (const output of [channel, channel.stderr]) output.resume()
  channel.close()
}

/**
 * The script of the waiting `/bin/sh`. It reads lines until one equals `word`, then evaluates them. The rest of its input is
 * left to the command, because POSIX `read` takes no byte after the line. It ends if its input ends first.
 */
export function awaitingScript(word: string): string {
  const next = `while IFS= read -r belt_next && [ "$belt_next" != ${word} ]; do`
  const add = `belt_line="$belt_line$belt_next\n"`
  const run = `[ "$belt_next" = ${word} ] && eval "unset belt_next belt_line; $belt_line"`
  return `belt_line=; ${next} ${add}; done; ${run}`
}

/** A word that appears in no command. */
export function newWord(): string {
  return `belt-${randomUUID()}`
}
