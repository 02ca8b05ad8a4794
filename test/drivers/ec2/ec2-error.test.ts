import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { Ec2 } from '../../../src/drivers/ec2/ec2.ts'
import { ec2Error } from '../../../src/drivers/ec2/ec2-error.ts'

/** An error of the SDK with this HTTP status. */
const sdkError = (message: string, status: number) =>
  Object.assign(new Error(message), { $metadata: { httpStatusCode: status } })

describe('an answer that EC2 did not give', () => {
  it('is told from a refusal, with its status', () => {
    const error = ec2Error(
      sdkError('@aws-sdk XML parse error: mismatched tags <html>', 500),
      'listing',
      'eu-west-1',
    )
    expect(error).toMatchObject({
      code: 'not-ec2',
      message: 'something other than EC2 answered while listing in eu-west-1 (HTTP 500)',
      isCertain: false,
      hint: expect.stringContaining('AWS_ENDPOINT_URL'),
    })
  })
})

describe('an empty endpoint', () => {
  it('is refused, because the SDK would ask the real EC2', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL', '')
    onTestFinished(() => void vi.unstubAllEnvs())
    await expect(Ec2.open('eu-west-1', undefined, systemClock)).rejects.toMatchObject({
      code: 'empty-variable',
      exitCode: 2,
    })
  })
})
