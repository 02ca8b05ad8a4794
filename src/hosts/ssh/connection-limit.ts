import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Files that Belt and Node open besides connections, with some to spare. */
const RESERVED = 64

/** Nearly every system allows this many, so it is not worth a slow lookup. */
const ALWAYS = 384

/** A bastion's sshd needs a file for each forwarded connection, and its default limit is 1,024. */
const THROUGH_A_BASTION = 900

let asked: number | undefined

/**
 * How many of the `wanted` connections this process can open at once: at most the hard limit of open files, to which Node
 * raises its own limit at its start, less 64; through a bastion at most 900.
 */
export function possibleConnections(wanted: number, { bastion = false } = {}): number {
  const possible = Math.min(wanted, bastion ? THROUGH_A_BASTION : Number.POSITIVE_INFINITY)
  const limit = limitOfLinux() ?? (possible <= ALWAYS ? Number.POSITIVE_INFINITY : askShell())
  return Math.max(1, Math.min(possible, limit - RESERVED))
}

/** A cheap lookup that only Linux offers. */
function limitOfLinux(): number | undefined {
  try {
    return limitIn(readFileSync('/proc/self/limits', 'utf8').match(/^Max open files +\d+ +(\w+)/m)?.[1])
  } catch {
    return undefined
  }
}

/** Node offers the limit only in a report that resolves the name of each open connection. */
function askShell(): number {
  try {
    asked ??= limitIn(execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }))
  } catch {
    asked = Number.POSITIVE_INFINITY // no shell, as on Windows, which has no such limit
  }
  return asked
}

/** Parses a limit, which may be `unlimited`. */
function limitIn(text = ''): number {
  return Number.parseInt(text, 10) || Number.POSITIVE_INFINITY
}
