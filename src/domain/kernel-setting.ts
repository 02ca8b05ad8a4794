import { usageError } from '../errors.ts'
import { unitePorts } from './port-set.ts'

/** The desired state of a kernel setting. */
export interface KernelSetting {
  /** With dots: `net.core.somaxconn`. A dot in a device name is written as a slash, as in sysctl. */
  readonly key: string
  /**
   * The desired value merged with current ones, so that nothing is taken away: the largest number, the union of port sets.
   * Merging the result again changes nothing.
   */
  merge(...current: readonly string[]): string
}

/**
 * Parses a desired kernel setting. A number is a minimum, so that nothing is lowered; several numbers are compared one by
 * one. `<=600` is a maximum, `=1` an exact value. The range of local ports is only widened, and the set of reserved ports
 * only extended. Any other text is an exact value.
 * @throws a usage error if the key is invalid, or the value is empty or invalid for the key
 */
export function kernelSetting(key: string, value: string): KernelSetting {
  const name = canonicalKey(key)
  const text = normalise(value)
  const operator = /^(<=|=)?/.exec(text)?.[0] ?? ''
  const wanted = text.slice(operator.length).trim()
  const choice = /^[\x20-\x7e]+$/.test(wanted) ? mergeOf(name, operator, wanted) : undefined
  if (!choice) {
    throw usageError('bad-setting', `${name}=${value} is not a valid kernel setting`, {
      hint: 'for example: net.core.somaxconn=4096 (at least), net.ipv4.tcp_keepalive_time=<=600 (at most) or vm.swappiness==1 (exactly)',
    })
  }
  return {
    key: name,
    merge: (...current) =>
      current.reduce((merged, value) => choice(normalise(value), merged), choice('', wanted)),
  }
}

/** Whether a value satisfies a setting. */
export function satisfiesSetting(value: string, setting: KernelSetting): boolean {
  return setting.merge(value) === normalise(value)
}

/** The path of a key below `/proc/sys/`. */
export function kernelPath(key: string): string {
  return swapSeparators(key)
}

/**
 * Whether a container shares this setting with the machine it runs on. Network settings have their own namespace, where
 * global ones are absent or read-only. Semaphores, shared memory and message queues have a namespace too.
 * https://man7.org/linux/man-pages/man7/namespaces.7.html
 */
export function isGlobal(key: string): boolean {
  return !/^(net\.|kernel\.(sem|shm|msg|hostname|domainname)|fs\.mqueue\.)/.test(key)
}

/** Merges a current value with the desired one. */
type Merge = (current: string, wanted: string) => string

const exactly: Merge = (_, wanted) => wanted
const least = eachNumber((current, wanted) => current < wanted)
const most = eachNumber((current, wanted) => current > wanted)
const widest = eachNumber((current, wanted, index) => (index === 0 ? current < wanted : current > wanted))
const union: Merge = (current, wanted) => unitePorts(current, wanted) ?? unitePorts('', wanted) ?? wanted

function mergeOf(key: string, operator: string, wanted: string): Merge | undefined {
  if (operator === '=') return exactly
  if (operator === '<=') return isNumbers(wanted) ? least : undefined
  if (key === 'net.ipv4.ip_local_reserved_ports')
    return unitePorts('', wanted) === undefined ? undefined : union
  if (key === 'net.ipv4.ip_local_port_range') return /^\d+ \d+$/.test(wanted) ? widest : undefined
  return isNumbers(wanted) ? most : exactly
}

/** Keeps each current number that is better than the desired one; a value in another format is replaced. */
function eachNumber(isBetter: (current: bigint, wanted: bigint, index: number) => boolean): Merge {
  return (current, wanted) => {
    const numbers = wanted.split(' ').map(BigInt)
    const known = isNumbers(current) ? current.split(' ').map(BigInt) : []
    if (known.length !== numbers.length) return numbers.join(' ')
    return numbers.map((number, i) => keep(known[i], number, i)).join(' ')
  }
  function keep(current: bigint | undefined, wanted: bigint, index: number): bigint {
    return current !== undefined && isBetter(current, wanted, index) ? current : wanted
  }
}

function isNumbers(text: string): boolean {
  return /^-?\d+( -?\d+)*$/.test(text)
}

/** The kernel separates the numbers of a key with tabs. */
function normalise(value: string): string {
  return value.trim().replace(/\s+/g, ' ')
}

function canonicalKey(key: string): string {
  if (!/^[a-z0-9_-]+([./][a-zA-Z0-9_-]+)+$/.test(key)) {
    throw usageError('bad-setting', `${JSON.stringify(key)} is not a kernel setting`, {
      hint: 'use a single key such as net.core.somaxconn; wildcards are not expanded',
    })
  }
  return /[./]/.exec(key)?.[0] === '/' ? swapSeparators(key) : key
}

function swapSeparators(key: string): string {
  return key.replace(/[./]/g, separator => (separator === '.' ? '/' : '.'))
}
