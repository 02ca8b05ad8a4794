import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Client } from 'ssh2'
import { precheckError } from '../../../errors.ts'
import { makeSocketFolder, socketPathOf } from '../../agent/protocol/socket-folder.ts'
import type { HostError } from '../../errors.ts'
import type { HostAddress } from '../../host.ts'
import { Connection } from '../connection.ts'
import { Limit } from '../limit.ts'
import type { SshOptions } from '../options.ts'
import { retryTransientFailures, retryUntilBooted } from '../retry-connect.ts'
import { StartGate } from '../start-gate.ts'
import { sshArguments } from './arguments.ts'
import { OpensshClient } from './client.ts'
import { opensshFailure, opensshSilent } from './failure.ts'

/** How many processes of ssh log in at once. */
const STARTS = 16

/** Looks for a folder that leaves room for this name and for what ssh adds to it while it creates the socket. */
const LONGEST_NAME = 'c'.repeat(24)

let sockets = 0

/** Makes connections to hosts with the system's ssh. */
export class OpensshConnector {
  readonly #options: SshOptions
  readonly #gate = new StartGate(STARTS)

  constructor(options: SshOptions) {
    this.#options = options
  }

  /** As `Connector.connect` does. */
  connect(
    target: HostAddress,
    signal: AbortSignal,
    onFailure: (failure: HostError) => void,
  ): Promise<Connection> {
    const { connectTimeoutMs, freshTimeoutMs } = this.#options
    const attempt = (remainingMs: number) =>
      this.#gate.through(() => this.#dial(target, Math.min(connectTimeoutMs, remainingMs), signal))
    const tries = {
      signal,
      onRetry: (failure: HostError, elapsedMs: number) => {
        onFailure(failure)
        this.#options.onRetry?.(target.name, failure.message, elapsedMs)
      },
    }
    return target.fresh
      ? retryUntilBooted(attempt, { ...tries, deadlineMs: freshTimeoutMs })
      : retryTransientFailures(attempt, { ...tries, deadlineMs: connectTimeoutMs })
  }

  /** Connections end with their hosts. */
  close(): void {}

  async #dial(target: HostAddress, timeoutMs: number, signal: AbortSignal): Promise<Connection> {
    const { knownHosts, keepaliveMs, agentSocket } = this.#options
    // Reports a file that cannot be read, which ssh would take for an empty one.
    await knownHosts.keysOf(target.name)
    await mkdir(dirname(knownHosts.path), { recursive: true })
    const controlPath = await newControlPath()
    signal.throwIfAborted()
    const client = new OpensshClient({
      words: sshArguments(target, this.#options, controlPath),
      controlPath,
      environment: { ...process.env, SSH_AUTH_SOCK: agentSocket },
    })
    const limit = new Limit()
    limit.follow(signal)
    limit.after(timeoutMs, () => opensshSilent(target, timeoutMs))
    client.once('close', () => limit.stop(opensshFailure(target, client.messages, knownHosts.path)))
    const stream = client.connect()
    try {
      await once(client, 'ready', { signal: limit.signal })
      return new Connection(target, client as unknown as Client, stream, keepaliveMs)
    } catch {
      client.end()
      throw limit.signal.reason
    } finally {
      limit.release()
    }
  }
}

async function newControlPath(): Promise<string> {
  const longest = socketPathOf(LONGEST_NAME, process.env)
  if (longest === undefined) {
    throw precheckError('ssh-client', 'ssh.client: openssh is not supported on this system', {
      hint: 'Remove ssh.client from the config',
    })
  }
  await makeSocketFolder(longest)
  return join(dirname(longest), `${process.pid.toString(36)}.${(sockets++).toString(36)}`)
}
