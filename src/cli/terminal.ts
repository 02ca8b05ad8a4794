import { spawnSync } from 'node:child_process'
import type { PtyRequest } from '../hosts/host.ts'
import { type ProcessStreams, stdio } from '../ui/stdio.ts'

/** The streams of this process, with its terminal if all three are one. */
export type OwnStreams = ProcessStreams & { readonly pty?: PtyRequest }

/**
 * Lends the streams of this process to a remote program. A terminal is in raw mode meanwhile, so that every key reaches
 * the far side.
 */
export async function withOwnStreams<T>(work: (streams: OwnStreams) => Promise<T>): Promise<T> {
  const streams = await stdio.passThrough()
  const pty = terminalOf(streams)
  if (!pty) return work(streams)
  streams.stdin.setRawMode(true)
  leaveOutputAlone()
  try {
    return await work({ ...streams, pty })
  } finally {
    streams.stdin.setRawMode(false)
  }
}

/**
 * Node's raw mode still turns each line feed into a carriage return and a line feed, which the far terminal has done
 * already, and which breaks programs that draw. `setRawMode(false)` undoes this as well.
 */
function leaveOutputAlone(): void {
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
