import { rmSync, statSync } from 'node:fs'
import { chmod, rename, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { withFileLock } from '../../../file-lock.ts'
import type { HostAddress } from '../../host.ts'
import { KnownHosts } from '../../known-hosts/known-hosts.ts'
import type { SshOptions } from '../../ssh/options.ts'
import { SshHosts } from '../../ssh/ssh-hosts.ts'
import { AgentClient } from '../client/agent-client.ts'
import { makeSocketFolder } from '../protocol/socket-folder.ts'
import { AgentConnections } from './connections.ts'
import { AgentServer } from './server.ts'
import { haveChanged, type Watched } from './watched.ts'

/** How often the agent checks whether its socket or a watched file has changed. */
const CHECK_EVERY_MS = 5_000

/** An agent's settings, none of them secret: they travel between processes. */
export interface AgentSettings {
  readonly socketPath: string
  readonly version: string
  /** How long an unused connection is kept open; the agent ends with the last one. */
  readonly idleMs: number
  readonly knownHostsPath: string
  readonly watched: Watched
  readonly ssh: Omit<SshOptions, 'knownHosts' | 'askPassphrase' | 'onRetry'>
}

/**
 * Runs Belt's agent, which keeps connections open for the commands that connect to its socket. It ends when its last
 * connection is closed, a command asks it to end, its socket or a watched file changes, or `signal` is aborted. Only the
 * signal ends commands that are still running (docs/decisions/agent.md).
 * @param onReady called once the agent accepts commands
 * @returns when the agent ends; at once when another agent already listens on the socket
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
  const open = (address: HostAddress) => hosts.host(address)
  const connections = new AgentConnections({ open, knownHosts, idleMs, onEmpty: retire })
  const status = { pid: process.pid, version, startedAt: new Date().toISOString(), idleLimitMs: idleMs }
  const commands = new AgentServer(server, { connections, status, onStop: retire })
  if (!(await listen(server, socketPath))) return
  const own = identityOf(socketPath)
  onReady()
  const checking = setInterval(async () => {
    if (connections.running === 0 && connections.connected.length === 0 && performance.now() - start > idleMs)
      retire()
    if (identityOf(socketPath) !== own || (await haveChanged(settings.watched))) retire()
  }, CHECK_EVERY_MS)
  const start = performance.now()
  await Promise.race([aborted(ending.signal), aborted(signal)])
  clearInterval(checking)
  if (identityOf(socketPath) === own) rmSync(socketPath, { force: true })
  server.close()
  commands.stopAccepting()
  await finished(commands, signal)
  await commands.close()
  connections.close()
  hosts.close()
}

/**
 * Listens under a temporary name and renames the socket: when Node stops listening it removes the name it listened
 * under, which by then may belong to another agent.
 * @returns false when another agent listens on the socket; a socket that nobody answers on is replaced
 */
async function listen(server: Server, socketPath: string): Promise<boolean> {
  await makeSocketFolder(socketPath)
  const madeAs = `${socketPath}.${process.pid}`
  await rm(madeAs, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ path: madeAs, backlog: 512 }, resolve)
  })
  let isServed = false
  try {
    await chmod(madeAs, 0o600)
    await withFileLock(socketPath, async assertHeld => {
      const other = await AgentClient.connect(socketPath)
      other?.close()
      if (other) return
      await assertHeld()
      await rename(madeAs, socketPath)
      isServed = true
    })
  } finally {
    if (!isServed) server.close()
  }
  return isServed
}

/** The inode alone is not enough: it is reused as soon as the file is removed. */
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

/** Resolves when no command is running, or the signal is aborted. */
async function finished(commands: AgentServer, signal: AbortSignal): Promise<void> {
  while (commands.isBusy && !signal.aborted) await new Promise(resolve => setTimeout(resolve, 50))
}
