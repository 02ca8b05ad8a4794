import { describe, expect, it } from 'vitest'
import type { Ec2 } from '../../../src/drivers/ec2/ec2.ts'
import { findImage } from '../../../src/drivers/ec2/image.ts'

/** EC2 with one image of this name. */
const withImage = (Name: string, RootDeviceName?: string) =>
  ({
    region: 'eu-west-1',
    call: async () => ({ Images: [{ ImageId: 'ami-1', Name, RootDeviceName }] }),
  }) as unknown as Ec2

describe('an image', () => {
  it.each([
    ['ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20260101', 'ubuntu'],
    ['debian-12-amd64-20260101-1', 'admin'],
    ['al2023-ami-2023.6.20260101.0-kernel-6.1-x86_64', 'ec2-user'],
    ['Rocky-9-EC2-Base-9.5-20260101.0.x86_64', 'rocky'],
    ['AlmaLinux OS 9.5.20260101 x86_64', 'ec2-user'],
    ['Fedora-Cloud-Base-AmazonEC2.x86_64-42', 'fedora'],
    ['fedora-coreos-42.20260101.3.0-x86_64', 'core'],
    ['Flatcar-stable-4081.2.1-hvm', 'core'],
    ['RHEL-9.5.0_HVM-20260101-x86_64-0-Hourly2-GP3', 'ec2-user'],
  ])('%s has the user %s', async (name, user) => {
    expect((await findImage(withImage(name), 'ami-1', 'x86_64')).user).toBe(user)
  })

  it('tells its root device itself', async () => {
    expect((await findImage(withImage('Rocky-9', '/dev/sda1'), 'ami-1', 'x86_64')).rootDevice).toBe(
      '/dev/sda1',
    )
  })

  it('behind a parameter has a root device only where the distribution is known', async () => {
    const deviceOf = async (path: string) =>
      (await findImage(withImage(''), `resolve:ssm:/aws/service/${path}`, 'x86_64')).rootDevice
    expect(await deviceOf('canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id')).toBe(
      '/dev/sda1',
    )
    expect(await deviceOf('debian/release/12/latest/amd64')).toBe('/dev/xvda')
    expect(await deviceOf('suse/sles/15-sp6/x86_64/latest')).toBeUndefined()
  })
})
