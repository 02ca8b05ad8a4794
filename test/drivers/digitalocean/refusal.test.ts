import { describe, expect, it } from 'vitest'
import { ApiError } from '../../../src/drivers/digitalocean/api-error.ts'
import { explainResizeRefusal } from '../../../src/drivers/digitalocean/refusal.ts'

const refused = (message: string) =>
  new ApiError('cloud-refused', message, { outcome: 'refused', status: 422 })

describe('a refused resize', () => {
  it('for want of room on the server says what else can be done', () => {
    const error = refused("Size is too large for your droplet's server")
    expect(explainResizeRefusal(error, 's-8vcpu-16gb')).toMatchObject({
      code: 'no-room-for-size',
      message: "Size is too large for your droplet's server",
      hint: expect.stringContaining('belt create s-8vcpu-16gb'),
    })
  })

  it('for another reason is left as it is', () => {
    const error = refused('Droplet must be powered off to be resized.')
    expect(explainResizeRefusal(error, '2gb')).toBe(error)
  })
})
