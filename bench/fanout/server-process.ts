import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline/promises'
import { until } from '../../test/support/sshd.ts'
import type { Server } from './servers.ts'

/** A server that answers an empty line on its standard input with a line. */
export interface Answering extends Server {
  ask(): Promise<string>
}

/** Starts a server that prints a line once it listens, from which its port follows. */
export async function answering(
  what: string,
  [program = '', ...args]: readonly string[],
  portFrom: (line: string) => number,
): Promise<Answering> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const line = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error(`${what} ended`)
    return String(value)
  }
  return {
    port: portFrom(await line()),
    what,
    ask: () => {
      child.stdin.write('\n')
      return line()
    },
    stop: () => end(child),
  }
}

/** Starts a server that says nothing. @throws when it does not listen within 10 s */
export async function listening(
  what: string,
  [program = '', ...args]: readonly string[],
  port: number,
): Promise<Server> {
  const child = spawn(program, args, { stdio: 'ignore' })
  try {
    await until(() => accepts(port), `${what} listens`)
    return { port, what, stop: () => end(child) }
  } catch (error) {
    await end(child)
    throw error
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill()
  await ended
}
