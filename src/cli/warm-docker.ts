import { connectionFingerprint } from '../config/connection-fingerprint.ts'
import { AgentClient } from '../hosts/agent/client/agent-client.ts'
import { socketPathOf } from '../hosts/agent/protocol/socket-folder.ts'
import { mayHaveRun } from '../hosts/errors.ts'
import type { HostAddress } from '../hosts/host.ts'
import { command } from '../remote/command.ts'
import { exitCodeOf } from './exit-code.ts'
import { Interruption } from './interruption.ts'
import type { ReadingDocker } from './reading-docker.ts'
import { withTerminal } from './terminal.ts'

const REMOTE_SIGNAL = { SIGINT: 'INT', SIGTERM: 'TERM', SIGHUP: 'TERM' } as const

/**
 * Runs docker on a host over the connection that Belt's agent keeps to it, where there is one, at the address that an
 * earlier command found a moment ago. While that connection stands, its host is the one whose key was seen then, so the
 * machines need not be listed again.
 * @returns whether it ran; if not, the machines are to be listed, and nothing was read from standard input
 */
export async function warmDocker({ cluster, host, words }: ReadingDocker): Promise<boolean> {
  const socketPath = socketPathOf(await connectionFingerprint(cluster, process.env), process.env)
  const client = socketPath === undefined ? undefined : await AgentClient.connect(socketPath)
  if (!client) return false
  try {
    const address = await client.ask<HostAddress | null>({ what: 'locate', name: host })
    return address !== null && (await run(client, address, words))
  } finally {
    client.close()
  }
}

async function run(client: AgentClient, address: HostAddress, words: readonly string[]): Promise<boolean> {
  const interruption = new Interruption()
  const { stdin, stdout, stderr } = process
  let isStarted = false
  try {
    const exit = await withTerminal(pty =>
      client.host(address).stream(
        command('docker', ...words),
        { stdin, stdout, stderr, ...(pty && { pty }) },
        {
          signal: interruption.signal,
          onStart(send) {
            isStarted = true
            interruption.handNextTo(signal => send(REMOTE_SIGNAL[signal]))
          },
        },
      ),
    )
    process.exitCode = exit.code
  } catch (error) {
    if (!isStarted && !mayHaveRun(error)) return false
    await tell(error)
  }
  return true
}

async function tell(error: unknown): Promise<void> {
  const { renderError } = await import('../ui/error.ts')
  process.stderr.write(renderError(error, { debug: false, stream: process.stderr }))
  process.exitCode = exitCodeOf(error)
}
