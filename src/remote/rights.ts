import { quote } from '../domain/quote.ts'
import type { Need } from './command.ts'

/** The default socket of Docker's client. */
export const DEFAULT_SOCKET = '/var/run/docker.sock'

/**
 * How a login user gets what a command needs: by itself, through sudo, or not at all. `absent`: by itself for now, because
 * there is no engine's socket that could refuse.
 */
export type Way =
  | { readonly kind: 'own' | 'absent' | 'sudo' }
  | { readonly kind: 'refused'; readonly user: string; readonly said: string }

/** Lines that end the script if the user needs no sudo. */
const OWN: Readonly<Record<Need, readonly string[]>> = {
  root: [],
  engine: [
    // Another engine than the one at the socket: only its client can tell.
    '[ -z "$DOCKER_HOST$DOCKER_CONTEXT" ] || { echo own; exit; }',
    `! grep -qs currentContext "\${DOCKER_CONFIG:-$HOME/.docker}/config.json" || { echo own; exit; }`,
    `[ ! -w ${DEFAULT_SOCKET} ] || { echo own; exit; }`,
    `[ -S ${DEFAULT_SOCKET} ] || { echo absent; exit; }`,
  ],
}

/** Asks how the login user gets what a command needs. Does not ask sudo unless that is necessary, because sudo reports refusals. */
export function wayScript(need: Need): string {
  return [
    'LC_ALL=C; export LC_ALL',
    '[ "$(id -u)" -ne 0 ] || { echo own; exit; }',
    ...OWN[need],
    `if said=$(${sudo(':')} 2>&1 </dev/null); then echo sudo; else echo "refused $(id -un)"; printf '%s\\n' "$said"; fi`,
  ].join('\n')
}

/** Parses the output of `wayScript`; undefined if it is something else. */
export function parseWay(stdout: string): Way | undefined {
  const [, user, said = ''] = /^refused ([\x21-\x7e]+)\n([\s\S]*)$/.exec(stdout) ?? []
  if (user !== undefined) return { kind: 'refused', user, said: said.trim().split('\n').at(-1) ?? '' }
  const kind = (['own', 'absent', 'sudo'] as const).find(word => stdout === `${word}\n`)
  return kind && { kind }
}

/** The script that runs another as root, in place of the shell. */
export function sudoScript(script: string): string {
  return `exec ${sudo(script)}`
}

/**
 * sudo clears the environment. The user's programs, the folders of root's programs, the way back to the client and the
 * choice of an engine stay.
 */
function sudo(script: string): string {
  const kept = `"PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin" "SSH_CONNECTION=$SSH_CONNECTION" \${DOCKER_HOST:+"DOCKER_HOST=$DOCKER_HOST"}`
  return `sudo -n -H -- env ${kept} /bin/sh -c ${quote(script)}`
}
