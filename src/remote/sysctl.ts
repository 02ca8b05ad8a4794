import { kernelPath } from '../domain/kernel-setting.ts'
import { quote } from '../domain/quote.ts'
import type { KernelReading, KernelValue } from '../domain/tuning.ts'
import type { ProcessCommand } from './command.ts'

/** The only sysctl file that Belt writes. */
export const SYSCTL_FILE = '/etc/sysctl.d/90-belt.conf'

const FILE_HEAD = `# Written by belt tune: kernel settings, applied at each start. belt tune keeps other keys in this file, but no comments.
`

/**
 * Reads kernel keys, the file, and whether the host is a container, in one command. Fails if the file exists but cannot
 * be read.
 */
export function readKernelCommand(keys: readonly string[]): ProcessCommand {
  const lines = [
    'if systemd-detect-virt -cq 2>/dev/null || [ -e /run/.containerenv ] || [ -e /.dockerenv ]; then echo container; fi',
    `for path in ${keys.map(key => quote(kernelPath(key))).join(' ')}; do`,
    '  file=/proc/sys/$path',
    '  if [ ! -e "$file" ]; then echo "absent $path"',
    `  elif ! value=$(tr '\\n' ' ' 2>/dev/null <"$file"); then echo "unreadable $path"`,
    '  elif [ -w "$file" ]; then echo "writable $path $value"',
    '  else echo "read-only $path $value"; fi',
    'done 2>/dev/null',
    `if [ -e ${SYSCTL_FILE} ]; then echo file; cat ${SYSCTL_FILE}; fi`,
  ]
  return { shell: lines.join('\n'), needs: 'root', journaled: false }
}

/** Parses the output of `readKernelCommand`. */
export function parseKernelReading(stdout: string): KernelReading {
  const [own = '', file = ''] = stdout.split(/^file\n/m)
  const lines = own.split('\n')
  const live = new Map<string, KernelValue>()
  for (const line of lines) {
    const [, state, path = '', value = ''] =
      /^(absent|unreadable|writable|read-only) (\S+) ?(.*)$/.exec(line) ?? []
    if (state === 'absent' || state === 'unreadable') live.set(kernelPath(path), { state })
    if (state === 'writable' || state === 'read-only')
      live.set(kernelPath(path), { state, value: value.trim().replace(/\s+/g, ' ') })
  }
  return { isContainer: lines.includes('container'), live, file: parseSysctlFile(file) }
}

/** Sets kernel keys one by one; prints a line for each key that the kernel refuses, and continues. */
export function applyKernelCommand(values: ReadonlyMap<string, string>): ProcessCommand {
  const lines = [
    `set_key() { reason=$({ printf '%s\\n' "$2" >"/proc/sys/$1"; } 2>&1) || echo "refused $1 $reason"; }`,
    ...[...values].map(([key, value]) => `set_key ${quote(kernelPath(key))} ${quote(value)}`),
  ]
  return { shell: lines.join('\n'), needs: 'root' }
}

/** The kernel's reasons by key, from the output of `applyKernelCommand`. */
export function parseRefusals(stdout: string): Map<string, string> {
  return new Map(
    [...stdout.matchAll(/^refused (\S+) (.*)$/gm)].map(([, path = '', reason = '']) => [
      kernelPath(path),
      reason.replace(/^.*: /, '') || 'refused',
    ]),
  )
}

/** The contents of the file, with sorted keys. */
export function sysctlFile(values: ReadonlyMap<string, string>): string {
  const lines = [...values].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key} = ${value}\n`)
  return FILE_HEAD + lines.join('')
}

function parseSysctlFile(text: string): Map<string, string> {
  return new Map(
    [...text.matchAll(/^\s*([^#;=\s]+)\s*=[^\S\n]*(.*?)\s*$/gm)].map(([, key = '', value = '']) => [
      key,
      value.replace(/\s+/g, ' '),
    ]),
  )
}
