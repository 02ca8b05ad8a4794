import { usageError } from '../errors.ts'
import { unitePorts } from './port-set.ts'

/** A kernel setting as it shall be. */
export interface KernelSetting {
  /** With dots: `net.core.somaxconn`; a dot in the name of a device is a slash, as sysctl has it. */
  readonly key: string
  /**
   * The value that is as wanted and takes nothing away from those there are: the largest number, the union of the
   * sets of ports. Merging it again changes nothing.
   */
  merge(...current: readonly string[]): string
}

/**
 * Reads what a kernel setting shall be. A number is the least it shall be, so that nothing is lowered; several
 * numbers likewise, one by one. `<=600` is the most it shall be, `=1` exactly this. The range of local ports is
 * widened, the set of reserved ports added to. Any other text is exactly this.
 * @throws a usage error when the key is none, or the value is empty or no value for this key
 */
export function kernelSetting(key: string, value: string): KernelSetting {
  const name = canonicalKey(key)
  const text = normalise(value)
  const operator = /^(<=|=)?/.exec(text)?.[0] ?? ''
  const wanted = text.slice(operator.length).trim()
  const choice = /^[\x20-\x7e]+$/.test(wanted) ? mergeOf(name, operator, wanted) : undefined
  if (!choice) {
    throw usageError('bad-setting', `${name}=${value} is no kernel setting`, {
      hint: 'write net.core.somaxconn=4096 (at least), net.ipv4.tcp_keepalive_time=<=600 (at most) or vm.swappiness==1 (exactly)',
    })
  }
  return {
    key: name,
    merge: (...current) =>
      current.reduce((merged, value) => choice(normalise(value), merged), choice('', wanted)),
  }
}

/** Whether a value is as wanted. */
export function satisfies(value: string, setting: KernelSetting): boolean {
  return setting.merge(value) === normalise(value)
}

/** Where the kernel shows a key, below `/proc/sys/`. */
export function kernelPath(key: string): string {
  return swapSeparators(key)
}

/**
 * Whether a container shares the setting with the machine it runs on. The network has a name space of its own, and
 * what has none there is absent or read-only; semaphores, shared memory and message queues have one as well.
 * https://man7.org/linux/man-pages/man7/namespaces.7.html
 */
export function isGlobal(key: string): boolean {
  return !/^(net\.|kernel\.(sem|shm|msg|hostname|domainname)|fs\.mqueue\.)/.test(key)
}

/** Brings a value that is there and one that is wanted together. */
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

/** Keeps each current number that is better than the wanted one; a value of another shape is replaced. */
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

/** The kernel sets the numbers of one key apart by tabs. */
function normalise(value: string): string {
  return value.trim().replace(/\s+/g, ' ')
}

function canonicalKey(key: string): string {
  if (!/^[a-z0-9_-]+([./][a-zA-Z0-9_-]+)+$/.test(key)) {
    throw usageError('bad-setting', `${JSON.stringify(key)} is no kernel setting`, {
      hint: 'write one key such as net.core.somaxconn; patterns with * are not expanded',
    })
  }
  return /[./]/.exec(key)?.[0] === '/' ? swapSeparators(key) : key
}

function swapSeparators(key: string): string {
  return key.replace(/[./]/g, separator => (separator === '.' ? '/' : '.'))
}
