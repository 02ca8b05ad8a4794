import { EventEmitter, getEventListeners } from 'node:events'
import { Duplex, PassThrough } from 'node:stream'
import type { Client, ClientCallback, ClientChannel } from 'ssh2'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Connection } from '../../../src/hosts/ssh/connection.ts'

const target = { name: 'node1', address: '192.0.2.1', port: 22, user: 'root', fresh: false }
const refusal = Object.assign(new Error('open failed'), { reason: 2 })

/** A connection on which the test answers requests for sessions, in any order. */
function asked() {
  const requests: ClientCallback[] = []
  const connection = new Connection(target, new EventEmitter() as Client, new Duplex(), 1_000)
  const open = () => connection.open((_client, reply) => requests.push(reply), new AbortController().signal)
  return { requests, open }
}

/** A connection to a host that answers everything, or that has closed the connection, which only ssh2 knows yet. */
function connectedTo(host: 'answering' | 'gone'): Connection {
  const reply = (callback: () => void) => {
    if (host === 'gone') throw new Error('Not connected')
    callback()
  }
  const client = Object.assign(new EventEmitter(), {
    unforwardIn: (_address: string, _port: number, callback: () => void) => reply(callback),
    exec: (_line: string, callback: () => void) => reply(callback),
  })
  return new Connection(target, client as unknown as Client, new Duplex(), 1_000)
}

/** An open channel that ends only when its output was read, as with ssh2. */
class OpenChannel extends PassThrough {
  readonly stderr = new PassThrough()
  isClosed = false

  close(): void {
    this.isClosed = this.readableFlowing === true && this.stderr.readableFlowing === true
  }

  get asChannel(): ClientChannel {
    return this as unknown as ClientChannel
  }
}

function session(): ClientChannel {
  return new EventEmitter() as ClientChannel
}

describe('a connection to a host that allows few sessions', () => {
  it('retries if another session ended before the refusal arrived', async () => {
    const { requests, open } = asked()
    const first = session()
    const running = open()
    requests[0]?.(undefined, first)
    await running
    const waiting = open()
    first.emit('close')
    requests[1]?.(refusal, session())
    await expect.poll(() => requests.length).toBe(3)
    const second = session()
    requests[2]?.(undefined, second)
    expect(await waiting).toBe(second)
  })

  it('retries while the host may still count an ended session', async () => {
    const { requests, open } = asked()
    const waiting = open()
    requests[0]?.(refusal, session())
    await expect.poll(() => requests.length).toBe(2)
    const opened = session()
    requests[1]?.(undefined, opened)
    expect(await waiting).toBe(opened)
  })

  it('gives up after repeated refusals although no session is open', async () => {
    const { requests, open } = asked()
    const refused = open()
    const ended = expect(refused).rejects.toMatchObject({ failure: 'failed' })
    for (let count = 1; count <= 6; count++) {
      await expect.poll(() => requests.length).toBe(count)
      requests[count - 1]?.(refusal, session())
    }
    await ended
    expect(requests).toHaveLength(6)
  })
})

describe('preparing a session', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())

  /** A connection on which the test answers requests for sessions. */
  function begun() {
    const requests: ClientCallback[] = []
    const exec = (_line: string, reply: ClientCallback) => requests.push(reply)
    const client = Object.assign(new EventEmitter(), { exec }) as unknown as Client
    return { requests, connection: new Connection(target, client, new Duplex(), 1_000) }
  }

  it('is done once the host has opened it', async () => {
    const { requests, connection } = begun()
    const preparing = connection.prepare()
    requests[0]?.(undefined, new OpenChannel().asChannel)
    await preparing
    expect(connection.isReady).toBe(true)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(connection.isReady).toBe(true)
  })

  it('waits at most 5 s, and closes a session that is opened later', async () => {
    const { requests, connection } = begun()
    let isWaiting = true
    const preparing = connection.prepare().then(() => {
      isWaiting = false
    })
    await vi.advanceTimersByTimeAsync(4_999)
    expect(isWaiting).toBe(true)
    await vi.advanceTimersByTimeAsync(1)
    await preparing
    const late = new OpenChannel()
    requests[0]?.(undefined, late.asChannel)
    await vi.advanceTimersByTimeAsync(0)
    expect([late.isClosed, connection.isReady]).toEqual([true, false])
  })

  it('requests another session only after the host has answered', async () => {
    const { requests, connection } = begun()
    const preparing = [connection.prepare(), connection.prepare()]
    await vi.advanceTimersByTimeAsync(5_000)
    await Promise.all(preparing)
    await connection.prepare()
    expect(requests).toHaveLength(1)
    requests[0]?.(undefined, new OpenChannel().asChannel)
    void connection.prepare()
    expect(requests).toHaveLength(2)
  })
})

describe('a connection', () => {
  it('is alive if its host answers, and leaves no listener behind', async () => {
    const connection = connectedTo('answering')
    expect(await connection.answers(1_000)).toBe(true)
    expect(getEventListeners(connection.ended, 'abort')).toEqual([])
  })

  it('is not alive once its host has closed it, even before ssh2 reports that', async () => {
    expect(await connectedTo('gone').answers(1_000)).toBe(false)
  })

  it('is lost for a session requested after its host has closed it, even before ssh2 reports that', async () => {
    const connection = connectedTo('gone')
    const { signal } = new AbortController()
    const opening = connection.open((client, reply) => client.exec('true', reply), signal)
    await expect(opening).rejects.toMatchObject({
      failure: 'lost',
      message: 'lost the connection to node1: the host closed it',
    })
    expect(connection.ended.aborted).toBe(true)
  })
})
