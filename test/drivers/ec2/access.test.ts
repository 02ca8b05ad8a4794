import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Refusal } from '../../support/ec2/refusal.ts'
import { Subject } from '../../support/ec2/subject.ts'

let subject: Subject
let home: string
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'belt-aws-'))
  subject = await Subject.start()
  vi.stubEnv('AWS_MAX_ATTEMPTS', '3')
  vi.stubEnv('AWS_CONFIG_FILE', join(home, 'config'))
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(home, 'credentials'))
  for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_PROFILE']) vi.stubEnv(name, undefined)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  rmSync(home, { recursive: true })
  await subject.emulator.stop()
})

describe('what EC2 needs to be used', () => {
  it('is a region: without one there is a hint', async () => {
    await expect(subject.driver({ region: undefined }).validate()).rejects.toMatchObject({
      code: 'no-region',
      exitCode: 3,
      hint: expect.stringContaining('belt cluster update region='),
    })
  })

  it('may be the region of the environment', async () => {
    vi.stubEnv('AWS_REGION', 'eu-west-1')
    await subject.driver({ region: undefined }).validate()
    expect(subject.emulator.calls).toMatchObject([{ region: 'eu-west-1' }])
  })

  it('is credentials: without any there is a hint', async () => {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, undefined)
    for (const attempt of [subject.driver().validate(), subject.driver({ profile: 'nobody' }).list()]) {
      await expect(attempt).rejects.toMatchObject({
        code: 'no-credentials',
        exitCode: 3,
        hint: expect.stringContaining('AWS_ACCESS_KEY_ID'),
      })
    }
  })

  it.each([
    ['AuthFailure', 401, /get-caller-identity/],
    ['ExpiredToken', 400, /sso login/],
    ['UnauthorizedOperation', 403, /docs\/clouds\/ec2\.md/],
    ['OptInRequired', 401, /enable the region/],
  ])('is told when EC2 says %s, at once', async (code, status, hint) => {
    subject.emulator.faults.next('DescribeInstances', new Refusal(code, 'You may not.', status))
    await expect(subject.driver().validate()).rejects.toMatchObject({
      message: expect.stringContaining(`You may not. (${code})`),
      exitCode: 3,
      hint: expect.stringMatching(hint),
    })
    expect(subject.calls('DescribeInstances')).toHaveLength(1)
  })

  it('is patience: throttling is waited out, but not for ever', async () => {
    const { faults } = subject.emulator
    faults.next('DescribeInstances', 'throttle', 'throttle')
    await expect(subject.driver().list()).resolves.toEqual([])
    faults.next('DescribeInstances', 'throttle', 'throttle', 'throttle')
    await expect(subject.driver().list()).rejects.toMatchObject({ refusal: 'RequestLimitExceeded' })
  }, 60_000)
})

describe('the SDK', () => {
  it('is not loaded before it is used, and does not warn of the version of Node', () => {
    const script = `
      const { ec2 } = await import('./src/drivers/ec2/module.ts')
      const driver = ec2.create(ec2.schema.parse({ region: 'x' }), { cluster: 'c', publicKeys: async () => [] })
      const { createRequire } = await import('node:module')
      const isLoaded = () => Object.keys(createRequire(process.cwd() + '/x').cache).some(path => path.includes('client-ec2'))
      const before = isLoaded()
      await driver.list().catch(() => {})
      console.log(before, isLoaded())`
    const output = execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      encoding: 'utf8',
      stdio: 'pipe',
      env: { ...process.env, AWS_MAX_ATTEMPTS: '1', AWS_ENDPOINT_URL_EC2: 'http://127.0.0.1:1' },
    })
    expect(output).toBe('false true\n')
  })
})
