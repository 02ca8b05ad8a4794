import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Files that Belt and Node open besides connections, and some to spare. */
const RESERVED = 64

/** So many, nearly every system lets a process have: where asking costs more, more are needed for it. */
const ALWAYS = 384

/** A bastion's sshd needs a file for each connection that it forwards, and has 1,024 unless its host was tuned. */
const THROUGH_A_BASTION = 900

let asked: number | undefined

/**
 * How many of the connections that are wanted at once this process can have: the hard limit of open files, to which
 * Node raises its own limit when it starts, less 64.
 */
export function possibleConnections(wanted: number, { bastion = false } = {}): number {
  const possible = Math.min(wanted, bastion ? THROUGH_A_BASTION : Number.POSITIVE_INFINITY)
  const limit = limitOfLinux() ?? (possible <= ALWAYS ? Number.POSITIVE_INFINITY : askShell())
  return Math.max(1, Math.min(possible, limit - RESERVED))
}

/** Where Linux tells it, which costs nothing. */
function limitOfLinux(): number | undefined {
  try {
    return limitIn(readFileSync('/proc/self/limits', 'utf8').match(/^Max open files +\d+ +(\w+)/m)?.[1])
  } catch {
    return undefined
  }
}

/** Node itself can tell only in a report that looks up the name of each open connection. */
function askShell(): number {
  try {
    asked ??= limitIn(execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }))
  } catch {
    asked = Number.POSITIVE_INFINITY // no such shell, as on Windows, which has no such limit either
  }
  return asked
}

/** It is `unlimited` where there is none. */
function limitIn(text = ''): number {
  return Number.parseInt(text, 10) || Number.POSITIVE_INFINITY
}
