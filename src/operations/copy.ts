import { lstat, mkdir } from 'node:fs/promises'
import { basename, join, posix } from 'node:path'
import { foldShort } from '../domain/ranges.ts'
import { formatBytes } from '../domain/size.ts'
import type { Machine } from '../drivers/driver.ts'
import { precheckError, reasonOf } from '../errors.ts'
import { type Answer, fanOut } from '../hosts/fan-out.ts'
import type { Host } from '../hosts/host.ts'
import type { Slot } from '../hosts/slots.ts'
import { fetchFile } from './copy/fetch-file.ts'
import { readLocalFile } from './copy/local-file.ts'
import { sendFile } from './copy/send-file.ts'
import type { TransferOptions } from './copy/transfer.ts'
import type { Fleet } from './fleet.ts'
import { rememberFailures } from './run-on-hosts.ts'
import { selectTargets } from './select-machines.ts'

/** A file that was copied. */
export interface Copied {
  /** Where it is now: on the host, or here. */
  readonly path: string
  readonly bytes: number
}

export interface CopyOptions {
  /** Instead of the mode that the file has where it comes from. */
  readonly mode?: number | undefined
  /** The deadline of each host, in milliseconds. */
  readonly timeoutMs?: number | undefined
  /** Whether the hosts are those that failed last: one alone that succeeds is then no longer among them. */
  readonly again?: boolean
}

/** A file to copy, to hosts or from hosts. */
export type CopyRequest = Omit<CopyOptions, 'again'> & {
  /** The hosts, as an expression that selects machines. */
  readonly nodes: string
} & (
    | {
        readonly direction: 'send'
        readonly source: string
        readonly target: string
        readonly owner?: string | undefined
      }
    | { readonly direction: 'fetch'; readonly path: string; readonly folder: string; readonly force: boolean }
  )

/**
 * Copies a file to the hosts that an expression names, or from them.
 * @returns one answer per host; none if `@failed` is asked for and no host failed
 * @throws as `selectTargets`, `sendToHosts` and `fetchFromHosts`
 */
export async function copyFiles(fleet: Fleet, request: CopyRequest): Promise<Answer<Copied>[]> {
  const { machines, again } = await selectTargets(fleet, request.nodes)
  const options = { ...request, again }
  return options.direction === 'send'
    ? sendToHosts(fleet, machines, options.source, options)
    : fetchFromHosts(fleet, machines, options.path, options)
}

/**
 * Writes a file to the same path on each machine's host, and remembers those that failed for `@failed`.
 * @param target a path; one that ends with a slash is a folder, where the file keeps its name
 * @throws a usage or precheck error when the file cannot be read here
 */
export async function sendToHosts(
  fleet: Fleet,
  machines: readonly Machine[],
  source: string,
  { target, mode, owner, timeoutMs, again }: CopyOptions & { target: string; owner?: string | undefined },
): Promise<Answer<Copied>[]> {
  const file = await readLocalFile(source, fleet.signal)
  const path = target.endsWith('/') ? posix.join(target, basename(source)) : target
  const remote = { path, mode: mode ?? file.mode, owner }
  const title = `Copying ${basename(source)} (${formatBytes(file.size)})`
  return copyEach(
    fleet,
    machines,
    { title, timeoutMs, again, totalBytes: file.size * machines.length },
    async (host, options) => {
      await sendFile(host, file, remote, options)
      return { path, bytes: file.size }
    },
  )
}

/**
 * Reads a file of each machine's host into a folder here, as `HOST-NAME`, and remembers those that failed.
 * @throws a precheck error when the folder cannot be used, or a file is there that `force` does not allow to replace
 */
export async function fetchFromHosts(
  fleet: Fleet,
  machines: readonly Machine[],
  path: string,
  { folder, mode, force, timeoutMs, again }: CopyOptions & { folder: string; force: boolean },
): Promise<Answer<Copied>[]> {
  const targetOf = ({ name }: { name: string }) => join(folder, `${name}-${posix.basename(path)}`)
  await prepareFolder(folder, machines.map(targetOf), force)
  const title = `Fetching ${posix.basename(path)}`
  return copyEach(fleet, machines, { title, timeoutMs, again }, async (host, options) => {
    const target = targetOf(host)
    const bytes = await fetchFile(host, path, { path: target, mode }, options)
    return { path: target, bytes }
  })
}

interface Copies {
  readonly title: string
  readonly timeoutMs: number | undefined
  readonly again: boolean | undefined
  /** When it is known beforehand. */
  readonly totalBytes?: number
}

async function copyEach(
  fleet: Fleet,
  machines: readonly Machine[],
  { title, timeoutMs, again, totalBytes }: Copies,
  copy: (host: Host, options: TransferOptions) => Promise<Copied>,
): Promise<Answer<Copied>[]> {
  const task = fleet.progress.start(title, machines.length)
  let moved = 0
  const shown = () => (totalBytes ? `${Math.floor((100 * moved) / totalBytes)} %` : formatBytes(moved))
  const options: TransferOptions = {
    signal: fleet.signal,
    timeoutMs,
    stallMs: timeoutMs ?? fleet.timeoutMs,
    onBytes(count) {
      moved += count
      task.update(shown())
    },
  }
  const copyAt = async (machine: Machine, turn: Slot) => {
    const host = fleet.host(machine)
    // a connection that is kept open would be one of the files that the process may open
    return copy(host, { ...options, turn }).finally(() => host.close())
  }
  const answers = await fanOut(machines, copyAt, {
    ...fleet,
    ...atOnce(fleet),
    onAnswer: () => task.step(shown()),
  })
  task.done()
  if (machines.length > 1 || again) await rememberFailures(fleet, answers)
  return answers
}

/** Each host takes two of the files that the process may open: its connection, and what is copied. */
function atOnce({ concurrency, connections }: Fleet) {
  const half = Math.max(1, Math.floor(connections / 2))
  return { concurrency: Math.min(concurrency, half), connections: half }
}

async function prepareFolder(folder: string, files: readonly string[], force: boolean): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (error) {
    throw precheckError('unusable-folder', `${folder} cannot be used as a folder: ${reasonOf(error)}`, {
      cause: error,
    })
  }
  if (force) return
  const there = await Promise.all(
    files.map(file =>
      lstat(file).then(
        () => [file],
        () => [],
      ),
    ),
  )
  if (there.flat().length === 0) return
  throw precheckError('file-exists', `${foldShort(there.flat())} would be replaced; nothing was fetched`, {
    hint: 'specify another folder, or use --force',
    details: { files: there.flat() },
  })
}
