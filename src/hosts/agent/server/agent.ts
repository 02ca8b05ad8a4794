import { rmSync, statSync } from 'node:fs'
import { chmod, rename } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { withFileLock } from '../../../file-lock.ts'
import { KnownHosts } from '../../known-hosts/known-hosts.ts'
import type { SshOptions } from '../../ssh/options.ts'
import { SshHosts } from '../../ssh/ssh-hosts.ts'
import { AgentClient } from '../client/agent-client.ts'
import { makeSocketFolder } from '../protocol/socket-folder.ts'
import { Pool } from './pool.ts'
import { WarmServer } from './server.ts'
import { haveChanged, type Watched } from './watched.ts'

const LOOK_EVERY_MS = 5_000

/** What an agent is told when it starts; no secret is among it. */
export interface AgentSettings {
  readonly socketPath: string
  readonly version: string
  /** How long a connection is kept that no command uses; the agent ends with the last of them. */
  readonly idleMs: number
  readonly knownHostsPath: string
  readonly watched: Watched
  readonly ssh: Omit<SshOptions, 'knownHosts' | 'askPassphrase' | 'onRetry'>
}

/**
 * Runs Belt's agent: keeps connections for the commands that come through its socket, until nothing is kept any more,
 * it is asked to end, its socket or one of the watched files is no longer what it was, or `signal` is aborted. Only
 * the last ends commands that still run.
 * @param onReady called once commands can come
 * @returns at its end; at once when another agent listens there already
 */
export async function runAgent(
  settings: AgentSettings,
  signal: AbortSignal,
  onReady: () => void,
): Promise<void> {
  const { socketPath, idleMs, version } = settings
  const knownHosts = new KnownHosts(settings.knownHostsPath)
  const hosts = new SshHosts({ ...settings.ssh, knownHosts })
  const server = createServer()
  const ending = new AbortController()
  const retire = () => ending.abort()
  const pool = new Pool({ open: address => hosts.host(address), knownHosts, idleMs, onEmpty: retire })
  const status = { pid: process.pid, version, startedAt: new Date().toISOString(), idleLimitMs: idleMs }
  const warm = new WarmServer(server, { pool, status, onStop: retire })
  if (!(await listen(server, socketPath))) return
  const own = identityOf(socketPath)
  onReady()
  const looking = setInterval(async () => {
    if (pool.running === 0 && pool.connected.length === 0 && performance.now() - start > idleMs) retire()
    if (identityOf(socketPath) !== own || (await haveChanged(settings.watched))) retire()
  }, LOOK_EVERY_MS)
  const start = performance.now()
  await Promise.race([aborted(ending.signal), aborted(signal)])
  clearInterval(looking)
  if (identityOf(socketPath) === own) rmSync(socketPath, { force: true })
  server.close()
  warm.refuse()
  await served(warm, signal)
  await warm.close()
  pool.close()
  hosts.close()
}

/**
 * The socket is made under another name, because Node removes the name it was made under when it stops to listen, whoever's
 * that is then.
 * @returns false when another agent listens there; a socket that nobody answers on is replaced
 */
function listen(server: Server, socketPath: string): Promise<boolean> {
  return makeSocketFolder(socketPath).then(() =>
    withFileLock(socketPath, async () => {
      const other = await AgentClient.connect(socketPath)
      other?.close()
      if (other) return false
      const madeAs = `${socketPath}.${process.pid}`
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen({ path: madeAs, backlog: 512 }, resolve)
      })
      await chmod(madeAs, 0o600)
      await rename(madeAs, socketPath)
      return true
    }),
  )
}

/** A file's number is used again as soon as the file is gone. */
function identityOf(path: string): string {
  const status = statSync(path, { throwIfNoEntry: false })
  return status ? `${status.ino} ${status.ctimeMs}` : ''
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve())
  })
}

/** Resolves when no command runs any more, or the signal is aborted. */
async function served(warm: WarmServer, signal: AbortSignal): Promise<void> {
  while (warm.isServing && !signal.aborted) await new Promise(resolve => setTimeout(resolve, 50))
}
