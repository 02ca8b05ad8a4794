import { randomBytes } from 'node:crypto'
import { posix } from 'node:path'
import { quote } from '../domain/quote.ts'
import type { ProcessCommand } from './command.ts'

/** A file to write on a host. */
export interface RemoteFile {
  readonly path: string
  /** In bytes. */
  readonly size: number
  /** Such as 0o644. */
  readonly mode: number
  /** As `chown` takes it; without it, the user who logs in. */
  readonly owner?: string | undefined
  /** In hexadecimal; compared where the host can. */
  readonly sha256?: string | undefined
}

/** Sets one language for messages, because Belt parses them. */
const IN_ENGLISH = 'LC_ALL=C; export LC_ALL'

/**
 * The shell line that writes its standard input to a file: under a temporary name in the same folder, then renamed. The
 * size is compared before the rename: when the connection breaks, `cat` sees the end of its input and takes it for the
 * end of the content.
 */
export function writeFileLine({ path, size, mode, owner, sha256 }: RemoteFile): string {
  const name = `.${posix.basename(path)}.${randomBytes(6).toString('hex')}`
  const temporary = quote(posix.join(posix.dirname(path), name))
  const target = quote(path)
  const steps = [
    `if [ -d ${target} ]; then echo ${target} is a directory >&2; false; fi`,
    `cat > ${temporary}`,
    orSay(`[ "$(wc -c < ${temporary})" -eq ${size} ]`, 'it arrived incomplete'),
    ...(sha256 === undefined ? [] : [orSay(sameSum(temporary, sha256), 'what arrived is not what was sent')]),
    ...(owner === undefined ? [] : [`chown -- ${quote(owner)} ${temporary}`]),
    `chmod ${mode.toString(8)} ${temporary}`,
    `mv -f -- ${temporary} ${target}`,
  ]
  const cleanUp = `rm -f -- ${temporary}`
  return [
    `${IN_ENGLISH}; umask 077; trap ${quote(`${cleanUp}; exit 143`)} HUP INT PIPE TERM`,
    `${steps.join(' && ')} || { code=$?; ${cleanUp}; exit $code; }`,
  ].join('; ')
}

function sameSum(file: string, sha256: string): string {
  return `{ ! command -v sha256sum >/dev/null || [ "$(sha256sum < ${file})" = '${sha256}  -' ]; }`
}

function orSay(condition: string, message: string): string {
  return `{ ${condition} || { echo ${message} >&2; false; }; }`
}

/** Prints the size of a file in bytes, and its mode. */
export function describeFileCommand(path: string): ProcessCommand {
  const file = quote(path)
  const line = [
    IN_ENGLISH,
    `if [ -d ${file} ]; then echo ${file} is a directory >&2; exit 1; fi`,
    `if [ -e ${file} ] && ! [ -f ${file} ]; then echo ${file} is no regular file >&2; exit 1; fi`,
    `wc -c < ${file} && stat -L -c %a -- ${file}`,
  ].join('; ')
  return { shell: line, journaled: false }
}

/**
 * Parses the output of `describeFileCommand`.
 * @throws Error if it is something else
 */
export function parseFileDescription(stdout: string): { size: number; mode: number } {
  const [, size, mode] = /^\s*(\d+)\s+([0-7]+)\s*$/.exec(stdout) ?? []
  if (size === undefined || mode === undefined) throw new Error(`no size and mode: ${stdout}`)
  return { size: Number(size), mode: Number.parseInt(mode, 8) & 0o777 }
}

/** Prints the first bytes of a file. If the file grows meanwhile, only its previous size is read. */
export function readFileCommand(path: string, size: number): ProcessCommand {
  return { shell: `${IN_ENGLISH}; exec head -c ${size} < ${quote(path)}`, journaled: false }
}
