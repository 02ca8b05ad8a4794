import { describe, expect, it } from 'vitest'
import { askEngine, EngineSilentError, readEngine } from '../../src/hosts/engine-client.ts'
import { HostError } from '../../src/hosts/errors.ts'
import { engineRequest } from '../../src/remote/engine.ts'
import { FakeHost, type Reply } from '../support/fake-host.ts'
import { answer } from '../support/fake-services.ts'

const REQUEST = engineRequest('GET', '/nodes')
const engine = (reply: Reply) => new FakeHost('mg0', () => reply)
const read = (reply: Reply) => readEngine(engine(reply), REQUEST, body => JSON.parse(body) as unknown)

describe('askEngine', () => {
  it('gives the status, the clock and the body of an answer', async () => {
    const stdout = 'HTTP/1.0 200 OK\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\n\r\n[]'
    expect(await askEngine(engine({ stdout }), REQUEST)).toEqual({
      status: 200,
      date: new Date('2026-01-01T00:00:00Z'),
      body: '[]',
    })
  })

  it('gives a refusal as an answer: what it means is for the caller to say', async () => {
    expect(await askEngine(engine(answer(404, { message: 'no such node' })), REQUEST)).toMatchObject({
      status: 404,
    })
  })

  it.each([
    [
      'failed to open the raw stream connection: dial unix /var/run/docker.sock: connect: no such file or directory',
      'its Docker Engine does not answer',
    ],
    ['permission denied', 'permission denied'],
    ['', 'its Docker Engine did not answer'],
  ])('distinguishes an engine that does not answer from one that refuses: %j', async (stderr, reason) => {
    const error = await askEngine(engine({ code: 1, stderr }), REQUEST).catch(thrown => thrown)
    expect(error).toBeInstanceOf(EngineSilentError)
    expect(error).toMatchObject({ code: 'engine-refused', host: 'mg0', reason, message: `mg0: ${reason}` })
  })

  it('reports as unknown whether a request was carried out if its end was not seen', async () => {
    const host = engine({ hangs: true })
    await expect(askEngine(host, REQUEST, { timeoutMs: 5 })).rejects.toMatchObject({ failure: 'timeout' })
    host.down = new HostError('lost', 'mg0', 'the connection broke')
    await expect(askEngine(host, REQUEST)).rejects.toBe(host.down)
  })

  it('ends with its signal', async () => {
    const signal = AbortSignal.abort()
    await expect(askEngine(engine({}), REQUEST, { signal })).rejects.toMatchObject({ code: 'interrupted' })
  })

  it('never takes a part of an answer for the whole', async () => {
    const host = engine({})
    host.run = async () => ({ ...(await engine(answer(200, [])).run(REQUEST)), truncated: true })
    await expect(askEngine(host, REQUEST)).rejects.toMatchObject({ code: 'unreadable-answer', host: 'mg0' })
  })
})

describe('readEngine', () => {
  it('returns the content of a successful answer', async () => {
    expect(await read(answer(200, [1, 2]))).toEqual([1, 2])
  })

  it("refuses in the engine's own words", async () => {
    await expect(read(answer(503, { message: 'This node is not a swarm manager.' }))).rejects.toMatchObject({
      code: 'engine-refused',
      host: 'mg0',
      message: 'mg0: This node is not a swarm manager.',
    })
  })

  it('rejects an answer that cannot be parsed', async () => {
    await expect(read({ stdout: 'HTTP/1.0 200 OK\r\n\r\n[1, ' })).rejects.toMatchObject({
      code: 'unreadable-answer',
      host: 'mg0',
    })
  })
})
