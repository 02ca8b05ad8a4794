import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PUBLIC_KEY, Subject } from '../../support/ec2/subject.ts'

const OTHER_KEY = PUBLIC_KEY.replace('IAABAgME', 'IBBBAgME')

let subject: Subject
beforeEach(async () => {
  process.env.AWS_MAX_ATTEMPTS = '4'
  subject = await Subject.start()
})
afterEach(() => subject.emulator.stop())

const one = [{ name: 'a', size: '1gb' }]
const request = () => subject.calls('RunInstances').at(-1)?.query

describe('the image', () => {
  it('is the newest of a short name, for the architecture of the type, with its own user', async () => {
    expect(await subject.driver().create(one)).toMatchObject([
      { machine: { image: 'ami-0ac0', ssh: { user: 'ubuntu', port: 22 } } },
    ])
    expect(
      await subject.driver({ image: 'debian-12' }, 'other').create([{ name: 'a', size: 't4g.small' }]),
    ).toMatchObject([{ machine: { image: 'ami-0de1', ssh: { user: 'admin' } } }])
  })

  it('may be an id or a parameter, and the user another', async () => {
    await subject.driver({ image: 'ami-0ab0', ssh_user: 'root' }).create(one)
    expect(await subject.driver({ ssh_user: 'root' }).list()).toMatchObject([{ ssh: { user: 'root' } }])
    const image = 'resolve:ssm:/aws/service/debian/release/12/latest/amd64'
    expect(await subject.driver({ image }, 'other').create(one)).toMatchObject([
      { machine: { ssh: { user: 'admin' } } },
    ])
    expect(request()?.ImageId).toBe(image)
  })

  it('has a disk of the size that is asked for', async () => {
    await subject.driver({ volume_size: '20' }).create(one)
    expect(request()?.BlockDeviceMapping).toEqual([{ DeviceName: '/dev/sda1', Ebs: { VolumeSize: '20' } }])
  })

  it.each([
    ['ami-0123', { refusal: 'InvalidAMIID.NotFound', hint: expect.stringContaining('specific to a region') }],
    ['ubuntu-10.04', { code: 'no-such-image', hint: expect.stringContaining('ec2.image') }],
    ['windows', { code: 'bad-image', exitCode: 2, hint: expect.stringContaining('ubuntu-24.04') }],
  ])('that is wrong (%s) is told before anything is made', async (image, error) => {
    await expect(subject.driver({ image }).create(one)).rejects.toMatchObject(error)
    expect(subject.calls('RunInstances')).toEqual([])
    expect(subject.calls('ImportKeyPair')).toEqual([])
  })
})

describe('the key pair', () => {
  it('is the first public key that EC2 takes, imported once', async () => {
    const ecdsa = 'ecdsa-sha2-nistp256 AAAAE2 me@example'
    await subject.driver({}, 'mine', [ecdsa, PUBLIC_KEY]).create(one)
    await subject.driver({}, 'mine', [`${PUBLIC_KEY}-elsewhere`]).create([{ name: 'b', size: '1gb' }])
    expect([...subject.region.keyPairs.values()]).toMatchObject([
      { name: 'belt-mine', publicKey: PUBLIC_KEY },
    ])
    await expect(subject.driver({}, 'other', [ecdsa]).create(one)).rejects.toMatchObject({
      code: 'no-public-key',
      exitCode: 3,
    })
  })

  it('of a colleague is another one', async () => {
    await subject.driver().create(one)
    await subject.driver({}, 'mine', [OTHER_KEY]).create([{ name: 'b', size: '1gb' }])
    const names = [...subject.region.keyPairs.keys()]
    expect(names).toEqual(['belt-mine', expect.stringMatching(/^belt-mine-[0-9a-f]{12}$/)])
    expect(request()?.KeyName).toBe(names[1])
  })

  it('survives that the answer to its import is lost', async () => {
    subject.emulator.faults.next('ImportKeyPair', 'error-after')
    expect(await subject.driver().create(one)).toMatchObject([{ ok: true }])
    expect([...subject.region.keyPairs.keys()]).toEqual(['belt-mine'])
  })

  it('of the config must exist', async () => {
    await expect(subject.driver({ key_name: 'ops' }).create(one)).rejects.toMatchObject({
      refusal: 'InvalidKeyPair.NotFound',
      hint: expect.stringContaining('ec2.key_name'),
    })
  })
})

describe('the security group', () => {
  it('lets in what a swarm needs from the group itself, and SSH from where it is allowed', async () => {
    await subject.driver({ ssh_from: ['203.0.113.7/32', '198.51.100.0/24'] }).create(one)
    const [group] = [...subject.region.groups.values()]
    const rules = group?.permissions.map(({ protocol, fromPort, toPort, groups, ranges }) =>
      [protocol, fromPort, toPort, ...groups, ...ranges].join(' '),
    )
    expect(group?.name).toBe('belt-mine')
    expect(rules).toEqual([
      `tcp 2377 2377 ${group?.id}`,
      `tcp 7946 7946 ${group?.id}`,
      `udp 7946 7946 ${group?.id}`,
      `udp 4789 4789 ${group?.id}`,
      `50 -1 -1 ${group?.id}`,
      'tcp 22 22 203.0.113.7/32',
      'tcp 22 22 198.51.100.0/24',
    ])
    expect(subject.alive[0]?.groups).toEqual([group?.id])
  })

  it('is made once, and gets the rules that it lacks', async () => {
    subject.emulator.faults.next('CreateSecurityGroup', 'cut-after')
    subject.emulator.faults.next('AuthorizeSecurityGroupIngress', 'error-after')
    await subject.driver().create(one)
    await subject.driver({ ssh_from: '203.0.113.7/32' }).create([{ name: 'b', size: '1gb' }])
    const groups = [...subject.region.groups.values()]
    expect(groups).toHaveLength(1)
    expect(groups[0]?.permissions.flatMap(({ ranges }) => ranges)).toEqual(['0.0.0.0/0', '203.0.113.7/32'])
  })

  it('may be one of the config, by name or by id', async () => {
    const group = { vpcId: 'vpc-0de', tags: new Map<string, string>(), permissions: [] }
    subject.region.groups.set('sg-0aa', { ...group, id: 'sg-0aa', name: 'ours' })
    subject.region.groups.set('sg-0bb', { ...group, id: 'sg-0bb', name: 'theirs' })
    await subject.driver({ security_group: ['ours', 'sg-0bb'] }).create(one)
    expect(subject.alive[0]?.groups).toEqual(['sg-0aa', 'sg-0bb'])
    await expect(
      subject.driver({ security_group: 'nobodys' }).create(one.map(spec => ({ ...spec, name: 'b' }))),
    ).rejects.toMatchObject({ code: 'no-such-group', hint: expect.stringContaining('ec2.security_group') })
  })
})
