import { quote } from '../domain/quote.ts'
import { command, type ProcessCommand, reading } from './command.ts'

/** How long a host on the same network may take to answer. */
const ANSWER_SECONDS = 3

/** An address reserved for documentation, which no computer has. */
const NOBODY = '192.0.2.1'

/** Lists the IPv4 addresses of a host. */
export const addressesCommand: ProcessCommand = reading('ip', '-4', '-o', 'addr', 'show')

/** Parses the output of `addressesCommand`. */
export function parseAddresses(stdout: string): string[] {
  return [...stdout.matchAll(/\binet (\d+\.\d+\.\d+\.\d+)/g)].map(([, address = '']) => address)
}

/**
 * Prints at which address the host takes this SSH connection, and from which address it speaks to other networks. A shell
 * without these facts prints nothing.
 */
export const ownAddressCommand: ProcessCommand = {
  shell: `echo "ssh $SSH_CONNECTION"; ip -4 route get ${NOBODY} 2>/dev/null || true`,
  journaled: false,
}

/** Reads what `ownAddressCommand` printed: the IPv4 address before the IPv6 one; undefined if there is none. */
export function parseOwnAddress(stdout: string): string | undefined {
  const [, atSsh] = /^ssh \S+ \d+ (\S+) \d+$/m.exec(stdout) ?? []
  const [, towardsOthers] = /\bsrc (\S+)/.exec(stdout) ?? []
  const found = [atSsh?.replace(/^::ffff:/, ''), towardsOthers].filter(
    address => address && !isLocal(address),
  )
  return found.find(address => address?.includes('.')) ?? found[0]
}

/** Whether an address is one that other hosts cannot use. */
function isLocal(address: string): boolean {
  return /^(127\.|::1$|fe80:)/i.test(address)
}

/** Adds an address to a host until its next reboot. */
export function addAddressCommand(address: string): ProcessCommand {
  return { ...command('ip', 'addr', 'add', `${address}/32`, 'dev', 'lo'), needs: 'root' }
}

/** Prints `answers` if this host can open a connection to the address, otherwise `silent`. */
export function probeCommand(address: string, port: number): ProcessCommand {
  const connect = `timeout ${ANSWER_SECONDS} bash -c ${quote(`</dev/tcp/${address}/${port}`)} 2>/dev/null`
  return {
    shell: `command -v bash >/dev/null || { echo 'bash is missing there' >&2; exit 1; }; if ${connect}; then echo answers; else echo silent; fi`,
    journaled: false,
  }
}

/** Prints a host's default routes, one per line. */
export const defaultRouteCommand: ProcessCommand = reading('ip', '-4', 'route', 'show', 'default')

/** Whether `defaultRouteCommand` printed the route that `isolateCommand` sets. */
export function isIsolated(stdout: string): boolean {
  return stdout
    .trim()
    .split('\n')
    .every(line => line.includes(`via ${NOBODY} `))
}

/**
 * Isolates a host: replaces its default route with one that leads nowhere, but keeps a route to the SSH client. It
 * still has a default route, because an engine that has joined a swarm does not start without a route to its managers.
 */
export const isolateCommand: ProcessCommand = {
  shell: [
    'set -eu',
    'client=$(echo "$SSH_CONNECTION" | cut -d " " -f 1)',
    // $3 and $5 are the router and the interface: "default via ROUTER dev eth0".
    'set -- $(ip -4 route show default)',
    '[ "$3" = "$client" ] || ip -4 route replace "$client" via "$3"',
    'ip -4 route flush default',
    `ip -4 route add default via ${NOBODY} dev "$5" onlink`,
  ].join('\n'),
  needs: 'root',
}
