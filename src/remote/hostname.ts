import { quote } from '../domain/quote.ts'
import type { ProcessCommand } from './command.ts'

/** A host's name, as the host and its engine report it. */
export interface HostnameReading {
  readonly live: string
  /** The name after the next boot; empty if none is configured. */
  readonly configured: string
  /** The name that the engine reports; undefined if no engine answers. */
  readonly engine: string | undefined
  /** The text of `/etc/hosts`. */
  readonly hosts: string
}

/** Reads a host's name. */
export const readHostnameCommand: ProcessCommand = {
  shell: [
    `printf 'live %s\\n' "$(uname -n)"`,
    `printf 'configured %s\\n' "$(cat /etc/hostname 2>/dev/null)"`,
    `printf 'engine %s\\n' "$(docker info --format '{{.Name}}' 2>/dev/null)"`,
    'echo hosts && cat /etc/hosts',
  ].join('\n'),
  needs: 'engine',
  journaled: false,
}

/** Parses the output of `readHostnameCommand`. */
export function parseHostname(stdout: string): HostnameReading {
  const [own = '', ...hosts] = stdout.split(/(?<=^|\n)hosts\n/)
  const wordBehind = (name: string) => new RegExp(`^${name} (.*)$`, 'm').exec(own)?.[1]?.trim() ?? ''
  return {
    live: wordBehind('live'),
    configured: wordBehind('configured'),
    engine: wordBehind('engine') || undefined,
    hosts: hosts.join('hosts\n'),
  }
}

/**
 * Renames a host permanently.
 * @param hosts the new text of `/etc/hosts`. It is written in place: in a container the file is mounted and cannot be
 *   replaced. What arrives is counted before, because a broken connection looks like the end of the text
 */
export function setHostnameCommand(name: string, hosts: string): ProcessCommand {
  const word = quote(name)
  const lines = [
    'set -e',
    'trap "rm -f /etc/hosts.belt" EXIT',
    'umask 022',
    'cat >/etc/hosts.belt',
    `[ "$(wc -c </etc/hosts.belt)" -eq ${Buffer.byteLength(hosts)} ]`,
    'cmp -s /etc/hosts.belt /etc/hosts || cat /etc/hosts.belt >/etc/hosts',
    'if [ -d /run/systemd/system ] && command -v hostnamectl >/dev/null',
    `then hostnamectl set-hostname ${word}`,
    `else hostname ${word}; printf '%s\\n' ${word} >/etc/hostname; fi`,
  ]
  return { shell: lines.join('\n'), needs: 'root', stdin: hosts }
}
