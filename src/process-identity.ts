import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** Identifies a process beyond its number, which another process gets later. */
export interface ProcessIdentity {
  /** Where its number counts: this boot and process namespace, as containers may share a folder and a hostname. */
  readonly place: string
  readonly pid: number
  /** When it started, in the kernel's units; empty if the system does not tell. */
  readonly start: string
}

let own: ProcessIdentity | undefined

/** The identity of this process. */
export function ownIdentity(): ProcessIdentity {
  own ??= { place: placeOfThisProcess(), pid: process.pid, start: startOf(process.pid)?.time ?? '' }
  return own
}

/** Whether a process of this place runs, even if it is stopped. */
export function isRunning({
  pid,
  start,
}: Pick<ProcessIdentity, 'pid'> & { readonly start?: string }): boolean {
  if (!isNumberInUse(pid)) return false
  const now = startOf(pid)
  if (!now) return true
  return !now.hasEnded && (!start || start === now.time)
}

function isNumberInUse(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // A process of another user cannot be signaled.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function placeOfThisProcess(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return hostname()
  }
}

/** From proc(5): the name, which may contain anything, is in parentheses; the state and 19 more fields follow it. */
function startOf(pid: number): { time: string; hasEnded: boolean } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { time: fields[19] ?? '', hasEnded: fields[0] === 'Z' }
  } catch {
    return undefined
  }
}
