import { posixLine } from '../../remote/posix-line.ts'
import { Collector } from '../collector.ts'
import { HostError } from '../errors.ts'
import type { Connection } from './connection.ts'
import { Limit, orAborted } from './limit.ts'
import { discard } from './ready-session.ts'
import { marked } from './remote-process.ts'
import { exitOf } from './session-streams.ts'

const MAX_BYTES = 64 * 1024

/** What a probe of a host printed, and its exit code. */
export interface Probed {
  readonly code: number
  readonly stdout: string
}

/**
 * Runs a short script on a host, to find out how commands have to be sent there. It serves all commands of the connection,
 * so that none of them can abort it.
 * @throws HostError if its end was not seen within the time
 */
export async function probe(connection: Connection, script: string, withinMs: number): Promise<Probed> {
  const { name } = connection.target
  const limit = new Limit()
  limit.follow(connection.ended)
  limit.after(
    withinMs,
    () => new HostError('timeout', name, `${name} did not answer within ${withinMs / 1000} s`),
  )
  try {
    const { script: whole, marker } = marked({ shell: script })
    const line = posixLine(whole)
    const channel = await connection.open((client, reply) => client.exec(line, reply), limit.signal)
    marker.readFrom(channel)
    // The exit may arrive together with the confirmation of the session, so only the close can be waited for.
    const { stdout, stderr } = marker
    const ended = exitOf({ connection, channel, stdout, stderr }, marker)
    const output = new Collector(MAX_BYTES)
    stdout.pipe(output)
    stderr.resume()
    channel.end()
    const { code } = await orAborted(ended, limit.signal).finally(() => discard(channel))
    return { code, stdout: output.text() }
  } finally {
    limit.release()
  }
}
