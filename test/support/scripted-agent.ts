import { chmod } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { AgentClient } from '../../src/hosts/agent/client/agent-client.ts'
import { PROTOCOL } from '../../src/hosts/agent/protocol/calls.ts'
import { type Frame, Kind, pack } from '../../src/hosts/agent/protocol/frames.ts'
import { Wire } from '../../src/hosts/agent/protocol/wire.ts'
import { temporaryFolder } from './temporary-folder.ts'

/**
 * The socket of an agent that says what the test makes it say.
 * @param heard told of each frame that comes
 * @param at the path; in a folder of its own unless told
 */
export async function listeningAgent(
  heard: (wire: Wire, frame: Frame) => void,
  at?: string,
): Promise<string> {
  const path = at ?? join(await temporaryFolder(), 'agent.sock')
  const server = createServer(socket => {
    const wire = new Wire(
      socket,
      frame => heard(wire, frame),
      () => {},
    )
    onTestFinished(() => wire.destroy())
  })
  await new Promise<void>(resolve => server.listen(path, resolve))
  onTestFinished(() => void server.close())
  await chmod(path, 0o600)
  return path
}

/** A command's connection to an agent that greets. */
export async function clientOf(heard: (wire: Wire, frame: Frame) => void = () => {}): Promise<AgentClient> {
  const path = await listeningAgent((wire, frame) => {
    if (frame.kind === Kind.hello) wire.send(Kind.hello, 0, pack({ protocol: PROTOCOL }))
    else heard(wire, frame)
  })
  const client = await AgentClient.connect(path)
  if (!client) throw new Error('the agent does not answer')
  onTestFinished(() => client.close())
  return client
}
