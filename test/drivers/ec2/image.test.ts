import { describe, expect, it } from 'vitest'
import type { Ec2 } from '../../../src/drivers/ec2/ec2.ts'
import { findImage } from '../../../src/drivers/ec2/image.ts'

/** Parameters are resolved by EC2 itself. */
const nobody = {} as Ec2

describe('the login user of an image', () => {
  it.each([
    ['aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id', 'ubuntu'],
    ['aws/service/debian/release/12/latest/amd64', 'admin'],
    ['images/Rocky-9-EC2-Base', 'rocky'],
    ['images/Fedora-Cloud-Base-42', 'fedora'],
    ['images/flatcar-stable', 'core'],
    ['aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64', 'ec2-user'],
  ])('is that of its distribution: %s', async (parameter, user) => {
    expect(await findImage(nobody, `resolve:ssm:/${parameter}`, 'x86_64')).toMatchObject({ user })
  })
})
