import { spawnSync } from 'node:child_process'
import type { PtyRequest } from '../hosts/host.ts'

/**
 * Runs `work` with the terminal in raw mode, when all three streams are one, so that every key reaches the far side.
 */
export async function withTerminal<T>(work: (pty: PtyRequest | undefined) => Promise<T>): Promise<T> {
  const pty = localTerminal()
  if (!pty) return work(undefined)
  process.stdin.setRawMode(true)
  leaveOutputAlone()
  try {
    return await work(pty)
  } finally {
    process.stdin.setRawMode(false)
  }
}

/**
 * Node's raw mode still turns each line feed into a carriage return and a line feed, which the far terminal has done
 * already, and which breaks programs that draw. `setRawMode(false)` undoes this as well.
 */
function leaveOutputAlone(): void {
  spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] })
}

function localTerminal(): PtyRequest | undefined {
  const { stdin, stdout, stderr } = process
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
