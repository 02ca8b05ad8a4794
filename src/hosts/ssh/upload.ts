import { randomBytes } from 'node:crypto'
import { posix } from 'node:path'
import { BeltError } from '../../errors.ts'
import { type Command, quote } from '../../remote/command.ts'
import type { Result } from '../host.ts'

/**
 * Writes a file under a temporary name in the same folder and renames it. The size is compared before the rename:
 * when the connection breaks, `cat` sees the end of its input and takes it for the end of the content.
 */
export function uploadCommand(content: Uint8Array, path: string, mode: number): Command {
  const name = `.${posix.basename(path)}.${randomBytes(6).toString('hex')}`
  const temporary = quote(posix.join(posix.dirname(path), name))
  const target = quote(path)
  const steps = [
    `if [ -d ${target} ]; then echo ${target} is a directory >&2; false; fi`,
    `cat > ${temporary}`,
    `[ "$(wc -c < ${temporary})" -eq ${content.byteLength} ]`,
    `chmod ${mode.toString(8)} ${temporary}`,
    `mv -f -- ${temporary} ${target}`,
  ]
  return {
    run: { shell: `umask 077; ${steps.join(' && ')} || { code=$?; rm -f -- ${temporary}; exit $code; }` },
    stdin: content,
  }
}

/** What to tell when a host did not write the file; what was there before is untouched. */
export function uploadFailure(host: string, path: string, result: Result): BeltError {
  const reason = result.stderr.trim().split('\n').at(-1) || `exit code ${result.code}`
  return new BeltError('upload-failed', `${host} could not write ${path}: ${reason}`, {
    host,
    hint: `Check on ${host} that the folder exists and may be written to, and the space: df -h ${quote(posix.dirname(path))}`,
    details: { path, exitCode: result.code },
  })
}
