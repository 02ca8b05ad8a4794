import { randomBytes, randomInt } from 'node:crypto'
import { existsSync } from 'node:fs'
import { lstat, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { type Choice, chooseCluster } from '../config/active.ts'
import { loadConfig } from '../config/load.ts'
import { BeltError, reasonOf } from '../errors.ts'
import type { ScratchFleets } from '../operations/backup/verify.ts'
import type { Fleet } from '../operations/fleet.ts'
import { isRunning } from '../process-identity.ts'
import { stdio } from '../ui/stdio.ts'
import { fleetOf } from './compose.ts'
import type { GlobalFlags } from './flags/global-flags.ts'

/** The prefix of the folders, before the process id. It has the hostname, because several computers may share /tmp. */
const FOLDER = `belt-verify-${hostname()}-`
const CONFIG = '.belt.yaml'

/** The variables that select the local engine. None of them is about the user's cluster. */
const ENGINE_VARIABLES = { host: 'DOCKER_HOST', image: 'DOCKER_IMAGE', base_image: 'DOCKER_BASE_IMAGE' }

/** The temporary clusters of one run of Belt. */
export function scratchFleets(flags: GlobalFlags, signal: AbortSignal): ScratchFleets {
  return {
    withNew: work => withScratchFleet(flags, signal, work),
    withLeft: work => withLeftScratchFleets(flags, signal, work),
  }
}

/**
 * Provides a temporary cluster of local machines, with its own name, network, SSH key and folder, which are removed
 * afterwards. `work` has to remove its machines. Uses the engine of the user's cluster if that has local machines too, or
 * else the default engine.
 */
async function withScratchFleet<T>(
  flags: GlobalFlags,
  signal: AbortSignal,
  work: (fleet: Fleet) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), `${FOLDER}${process.pid}-`))
  try {
    await writeFile(join(folder, 'key'), await newKey(), { mode: 0o600 })
    const config = {
      name: `verify-${randomBytes(4).toString('hex')}`,
      docker: { ...(await engineSettings(flags)), subnet: scratchSubnet() },
      ssh: { private_key: 'key' },
    }
    await writeFile(join(folder, CONFIG), stringify(config), { mode: 0o600 })
    return await inFolder(folder, flags, signal, work)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/**
 * Reopens the temporary clusters of killed runs, so that `work` can remove their machines, then removes their folders. If
 * that fails, prints a note and keeps the folder for the next attempt.
 */
async function withLeftScratchFleets(
  flags: GlobalFlags,
  signal: AbortSignal,
  work: (fleet: Fleet) => Promise<void>,
): Promise<void> {
  for (const folder of await leftFolders()) {
    try {
      if (existsSync(join(folder, CONFIG))) await inFolder(folder, flags, signal, work)
      await rm(folder, { recursive: true, force: true })
      stdio.progress.note('removed the leftovers of a killed verification')
    } catch (error) {
      signal.throwIfAborted()
      stdio.progress.note(
        `could not remove the leftovers of a killed verification, see ${folder}: ${reasonOf(error)}`,
      )
    }
  }
}

/** The folders of this user on this computer whose process is gone. */
export async function leftFolders(): Promise<string[]> {
  const names = await readdir(tmpdir())
  const folders = names.flatMap(name => {
    const pid = name.startsWith(FOLDER) ? /^(\d+)-/.exec(name.slice(FOLDER.length))?.[1] : undefined
    return pid !== undefined && !isRunning({ pid: Number(pid) }) ? [join(tmpdir(), name)] : []
  })
  const owners = await Promise.all(folders.map(folder => lstat(folder).catch(() => undefined)))
  return folders.filter(
    (_, index) => owners[index]?.isDirectory() && owners[index].uid === process.getuid?.(),
  )
}

async function inFolder<T>(
  folder: string,
  { debug }: GlobalFlags,
  signal: AbortSignal,
  work: (fleet: Fleet) => Promise<T>,
): Promise<T> {
  const cluster = await chooseCluster({ cwd: folder, config: CONFIG, environment: {} })
  const { fleet, close } = await fleetOf(cluster, { ...(debug && { debug }) }, signal, undefined, {})
  return await work(fleet).finally(close)
}

async function newKey(): Promise<string> {
  const { newPrivateKey } = await import('../hosts/ssh/auth/new-key.ts')
  return newPrivateKey()
}

/** A random subnet in the range for network tests, which no swarm uses. */
function scratchSubnet(): string {
  return `198.18.${randomInt(256)}.${randomInt(16) * 16}/28`
}

/** The engine settings of the user's cluster if it has local machines, or else those of the environment. */
async function engineSettings({ cluster, config }: GlobalFlags): Promise<Record<string, unknown>> {
  const choice: Choice = { cwd: process.cwd(), cluster, config }
  try {
    const { driver, options } = await loadConfig(await chooseCluster(choice), process.env)
    if (driver.name === 'docker') return settingsFrom(key => options[key])
  } catch (error) {
    if (!(error instanceof BeltError) || error.code !== 'no-cluster') throw error
  }
  return settingsFrom(key => process.env[ENGINE_VARIABLES[key]])
}

function settingsFrom(settingOf: (key: keyof typeof ENGINE_VARIABLES) => unknown): Record<string, unknown> {
  const keys = ['host', 'image', 'base_image'] as const
  return Object.fromEntries(keys.map(key => [key, settingOf(key)]).filter(([, value]) => value !== undefined))
}
