import { posix } from 'node:path'
import { BeltError } from '../errors.ts'
import { quote } from '../remote/command.ts'

/** What systems say, and what is to be made of it. */
const REASONS = [
  { code: 'disk-full', said: /No space left on device|Disk quota exceeded/ },
  { code: 'permission-denied', said: /Permission denied|Operation not permitted/ },
  { code: 'read-only', said: /Read-only file system/ },
] as const

/** How a command on a file ended. */
export interface FileCommandEnd {
  readonly code: number
  readonly stderr: string
}

/** What to tell when a host did not write a file; what was there before is untouched. */
export function writeFailure(host: string, path: string, end: FileCommandEnd): BeltError {
  const reason = reasonFrom(end)
  const folder = quote(posix.dirname(path))
  return new BeltError(codeOf(reason, 'upload-failed'), `${host} could not write ${path}: ${reason}`, {
    host,
    hint: `Check on ${host} that the folder exists and may be written to, and the space: df -h ${folder}`,
    details: { path, exitCode: end.code },
  })
}

/** What to tell when a host did not hand over a file. */
export function readFailure(host: string, path: string, end: FileCommandEnd): BeltError {
  const reason = reasonFrom(end)
  return new BeltError(codeOf(reason, 'fetch-failed'), `${host} could not read ${path}: ${reason}`, {
    host,
    hint: `Look at it there: belt exec ${host} -- ls -ld ${quote(path)}`,
    details: { path, exitCode: end.code },
  })
}

function reasonFrom({ code, stderr }: FileCommandEnd): string {
  return stderr.trim().split('\n').at(-1) || `exit code ${code}`
}

function codeOf(reason: string, otherwise: string): string {
  return REASONS.find(({ said }) => said.test(reason))?.code ?? otherwise
}
