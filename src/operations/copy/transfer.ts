import type { Readable, Writable } from 'node:stream'
import { Collector } from '../../hosts/collector.ts'
import { HostError } from '../../hosts/errors.ts'
import type { FileCommandEnd } from '../../hosts/file-failure.ts'
import type { Host } from '../../hosts/host.ts'
import type { Slot } from '../../hosts/slots.ts'
import type { ProcessCommand } from '../../remote/command.ts'

const MAX_MESSAGE_BYTES = 64 * 1024

export interface TransferOptions {
  readonly signal: AbortSignal
  /** The turn that others may take while the host is silent. */
  readonly turn?: Slot | undefined
  /** The deadline of the whole transfer, in milliseconds; without it only a transfer that stands still is given up. */
  readonly timeoutMs?: number | undefined
  /** How long a transfer may stand still, in milliseconds. */
  readonly stallMs: number
  /** Told of each piece as it passes. */
  readonly onBytes: (count: number) => void
}

/** Streams that tell the meter what passes through them. */
export type Metered = (onBytes: (count: number) => void) => { stdin?: Readable; stdout?: Writable }

/**
 * Runs a command that takes or gives the bytes of a file, however long they take, as long as they move.
 * @throws HostError `timeout` when they stand still
 */
export async function transfer(
  host: Host,
  command: ProcessCommand,
  metered: Metered,
  { signal, turn, timeoutMs, stallMs, onBytes }: TransferOptions,
): Promise<FileCommandEnd> {
  const stall = new AbortController()
  const timer = setTimeout(() => (turn?.isReleased ? timer.refresh() : stall.abort()), stallMs)
  const stderr = new Collector(MAX_MESSAGE_BYTES)
  const streams = metered(count => {
    timer.refresh()
    onBytes(count)
  })
  try {
    const { code } = await host.stream(
      command,
      { stdout: new Collector(0), ...streams, stderr },
      {
        signal: AbortSignal.any([signal, stall.signal]),
        slot: turn,
        ...(timeoutMs !== undefined && { timeoutMs }),
      },
    )
    return { code, stderr: stderr.text() }
  } catch (error) {
    throw stall.signal.aborted && !signal.aborted ? stoodStill(host.name, stallMs) : error
  } finally {
    clearTimeout(timer)
  }
}

function stoodStill(host: string, stallMs: number): HostError {
  return new HostError('timeout', host, `${host} transferred no data for ${stallMs / 1000} s`, {
    hint: `Check its disk and its network, or give it more time with --timeout`,
  })
}
