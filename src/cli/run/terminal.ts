import { spawnSync } from 'node:child_process'
import type { PtyRequest } from '../../hosts/host.ts'
import { type ProcessStreams, stdio } from '../../ui/stdio.ts'

/** The streams of this process, with a terminal if all three are terminals. */
export type OwnStreams = ProcessStreams & { readonly pty?: PtyRequest }

/**
 * Connects a remote program to the streams of this process. A terminal is in raw mode meanwhile, so that every key reaches
 * the program.
 */
export async function withOwnStreams<T>(work: (streams: OwnStreams) => Promise<T>): Promise<T> {
  const streams = await stdio.passThrough()
  const pty = terminalOf(streams)
  if (!pty) return work(streams)
  streams.stdin.setRawMode(true)
  stopOutputProcessing()
  try {
    return await work({ ...streams, pty })
  } finally {
    streams.stdin.setRawMode(false)
  }
}

/**
 * Node's raw mode still converts each line feed to a carriage return and a line feed. The remote terminal has already done
 * that, and a second conversion breaks programs that draw. `setRawMode(false)` undoes this too.
 */
function stopOutputProcessing(): void {
  spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] })
}

function terminalOf({ stdin, stdout, stderr }: ProcessStreams): PtyRequest | undefined {
  if (!stdin.isTTY || !stdout.isTTY || !stderr.isTTY) return undefined
  return {
    term: process.env.TERM ?? 'xterm',
    columns: stdout.columns,
    rows: stdout.rows,
    onResize(callback) {
      const listener = () => callback(stdout.columns, stdout.rows)
      stdout.on('resize', listener)
      return () => stdout.off('resize', listener)
    },
  }
}
