import { posix } from 'node:path'
import { quote } from '../domain/quote.ts'
import { BeltError } from '../errors.ts'

/** Error codes for messages of the operating system. */
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

/** The error for a host that could not write a file; an existing file is unchanged. */
export function writeFailure(host: string, path: string, end: FileCommandEnd): BeltError {
  const reason = reasonFrom(end)
  const folder = quote(posix.dirname(path))
  return new BeltError(codeOf(reason, 'upload-failed'), `${host} could not write ${path}: ${reason}`, {
    host,
    hint: `check on ${host} that the folder exists and is writable, and that the disk is not full: df -h ${folder}`,
    details: { path, exitCode: end.code },
  })
}

/** The error for a host that could not read a file. */
export function readFailure(host: string, path: string, end: FileCommandEnd): BeltError {
  const reason = reasonFrom(end)
  return new BeltError(codeOf(reason, 'fetch-failed'), `${host} could not read ${path}: ${reason}`, {
    host,
    hint: `check the file: belt exec ${host} -- ls -ld ${quote(path)}`,
    details: { path, exitCode: end.code },
  })
}

function reasonFrom({ code, stderr }: FileCommandEnd): string {
  return stderr.trim().split('\n').at(-1) || `exit code ${code}`
}

function codeOf(reason: string, otherwise: string): string {
  return REASONS.find(({ said }) => said.test(reason))?.code ?? otherwise
}
