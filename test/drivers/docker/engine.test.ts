import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Engine } from '../../../src/drivers/docker/engine.ts'
import { EngineError, engineError } from '../../../src/drivers/docker/engine-error.ts'
import { ExitCode } from '../../../src/errors.ts'
import { FakeEngine } from '../../support/fake-engine.ts'

const LIST = 'GET /containers/json'

describe('the Docker Engine', () => {
  let fake: FakeEngine
  let engine: Engine
  const list = (options = {}) =>
    engine.call('listing', (docker, abortSignal) => docker.listContainers({ abortSignal }), options)
  const failure = (promise: Promise<unknown>) =>
    promise.then(
      () => expect.unreachable('it did not fail'),
      (error: unknown) => error,
    )

  beforeEach(async () => {
    fake = await FakeEngine.start()
    engine = new Engine(fake.host)
  })
  afterEach(() => fake.stop())

  it('answers', async () => {
    fake.on(LIST, { status: 200, json: [{ Id: 'a' }] })
    expect(await list()).toEqual([{ Id: 'a' }])
  })

  it('refuses in its own words, with the status', async () => {
    fake.on(LIST, { status: 409, json: { message: 'it is so' } })
    const error = await failure(list())
    expect(error).toBeInstanceOf(EngineError)
    expect(error).toMatchObject({
      code: 'engine-refused',
      status: 409,
      message: 'the Docker Engine failed listing: it is so',
    })
  })

  it('is waited for until the deadline', async () => {
    fake.on(LIST, 'silence')
    expect(await failure(list({ deadlineMs: 100 }))).toMatchObject({
      code: 'engine-timeout',
      message: expect.stringContaining('while listing'),
    })
  })

  it('is left when the caller aborts', async () => {
    fake.on(LIST, 'silence')
    const reason = new Error('enough')
    const signal = AbortSignal.abort(reason)
    expect(await failure(list({ signal }))).toBe(reason)
  })

  it('may die in the middle of a call', async () => {
    fake.on(LIST, 'cut')
    expect(await failure(list())).toMatchObject({ code: 'engine-lost', hint: expect.any(String) })
  })

  it('may not be running', async () => {
    fake.stop()
    expect(await failure(list())).toMatchObject({
      code: 'engine-unreachable',
      exitCode: ExitCode.precheck,
      message: `cannot connect to the Docker Engine at ${fake.host}`,
      hint: expect.stringContaining('DOCKER_HOST'),
    })
  })

  it('may deny permission', () => {
    const denied = Object.assign(new Error('connect EACCES'), { code: 'EACCES' })
    expect(engineError(denied, 'listing', 'unix:///x')).toMatchObject({
      code: 'engine-not-permitted',
      hint: expect.stringContaining('docker group'),
    })
  })

  describe('told to do long work', () => {
    const pull = (onEvent = (_: unknown) => {}, options = {}) =>
      engine.follow('pulling', docker => docker.pull('x'), onEvent, options)

    it('tells what it does', async () => {
      fake.on('POST /images/create', { lines: [{ stream: 'one' }, { stream: 'zwei: ü' }] })
      const events: unknown[] = []
      await pull(event => events.push(event))
      expect(events).toEqual([{ stream: 'one' }, { stream: 'zwei: ü' }])
    })

    it('fails in the middle', async () => {
      fake.on('POST /images/create', {
        lines: [{ stream: 'one' }, { error: 'write /x: no space left on device' }],
      })
      expect(await failure(pull())).toMatchObject({
        code: 'engine-refused',
        message: expect.stringContaining('no space left'),
        hint: expect.stringContaining('docker system df'),
      })
    })

    it('is lost in the middle', async () => {
      fake.on('POST /images/create', { lines: [{ stream: 'one' }], thenCut: true })
      expect(await failure(pull())).toMatchObject({ code: 'engine-lost' })
    })
  })
})
