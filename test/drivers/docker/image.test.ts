import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Engine } from '../../../src/drivers/docker/engine.ts'
import { ensureImage } from '../../../src/drivers/docker/image.ts'
import { dockerOptions } from '../../../src/drivers/docker/options.ts'
import { ExitCode } from '../../../src/errors.ts'
import { silentProgress } from '../../../src/progress.ts'
import { FakeEngine } from '../../support/fake-engine.ts'

const BASE = 'GET /images/debian:bookworm-slim/json'
const THERE = { status: 200, json: { Id: 'sha256:1' } }

describe('the image of the machines', () => {
  let fake: FakeEngine
  const updates: string[] = []
  const ensure = (options = {}) =>
    ensureImage(new Engine(fake.host), dockerOptions.parse(options), {
      progress: {
        ...silentProgress,
        start: title => ({ ...silentProgress.start(title), update: detail => updates.push(detail) }),
      },
    })

  beforeEach(async () => {
    updates.length = 0
    fake = await FakeEngine.start()
  })
  afterEach(() => fake.stop())

  it('is built when it is not there, step by step', async () => {
    fake.on(BASE, THERE).on('POST /build', {
      lines: [{ stream: 'Step 1/2 : FROM x' }, { stream: '\n' }, { stream: 'Step 2/2 : RUN y' }],
    })
    expect(await ensure()).toMatch(/^belt-machine:[0-9a-f]{12}$/)
    expect(updates).toEqual(['Step 1/2', 'Step 2/2'])
  })

  it('is not built again', async () => {
    fake.on(BASE, THERE).on('POST /build', { lines: [] })
    const tag = await ensure()
    fake.on(`GET /images/${tag}/json`, THERE)
    fake.requests.length = 0
    expect(await ensure()).toBe(tag)
    expect(fake.requests).toEqual([`GET /images/${tag}/json`])
  })

  it('has another name when it is built on something else', async () => {
    fake.on(BASE, THERE).on('GET /images/other/json', THERE).on('POST /build', { lines: [] })
    expect(await ensure({ base_image: 'other' })).not.toBe(await ensure())
  })

  it('cannot be built without its base, and then it is said how to come by one', async () => {
    fake.on('POST /images/create', { status: 500, json: { message: 'lookup registry: no such host' } })
    await expect(ensure()).rejects.toMatchObject({
      code: 'image-missing',
      exitCode: ExitCode.precheck,
      message: expect.stringContaining('no such host'),
      hint: expect.stringMatching(/docker pull debian:bookworm-slim.*base_image.*docker import/),
    })
    expect(fake.requests).not.toContain('POST /build')
  })

  it('may be the one of the config, which is pulled', async () => {
    fake.on('POST /images/create', { lines: [{ status: 'Pulling' }] })
    expect(await ensure({ image: 'mine:1' })).toBe('mine:1')
  })

  it('may fail to be built, for the reason that the engine gives', async () => {
    fake.on(BASE, THERE).on('POST /build', { lines: [{ error: 'no space left on device' }] })
    await expect(ensure()).rejects.toMatchObject({
      code: 'engine-refused',
      hint: expect.stringContaining('space'),
    })
  })

  it('is not taken for missing when the engine cannot tell', async () => {
    fake.on(BASE, { status: 500, json: { message: 'the disk is on fire' } })
    await expect(ensure()).rejects.toMatchObject({ code: 'engine-refused', status: 500 })
  })
})
