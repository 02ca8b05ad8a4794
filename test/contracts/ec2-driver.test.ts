import { clockAt } from '../../src/clock.ts'
import { Ec2 } from '../../src/drivers/ec2/ec2.ts'
import { launchTags } from '../../src/drivers/ec2/tags.ts'
import { REGION, Subject } from '../support/ec2/subject.ts'
import { driverContract, type MakerUnderTest, makerContract } from './driver.ts'

async function instances(): Promise<MakerUnderTest> {
  const subject = await Subject.start({ bootStepMs: 2_000, doomed: ['impossible'] })
  subject.emulator.faults.deadRegions.add('us-dead-1')
  process.env.AWS_MAX_ATTEMPTS = '4'
  const ec2 = await Ec2.open(REGION, undefined, clockAt(20))
  return {
    driver: subject.driver(),
    neighbour: subject.driver({}, 'theirs'),
    unreachable: subject.driver({ region: 'us-dead-1' }),
    names: ['node1', 'node2', 'node3', 'node10'],
    impossible: 'impossible',
    size: '512mb',
    leaveHalfMade: async name => {
      const Tags = launchTags({ cluster: 'mine', operation: 'interrupted', user: 'ubuntu', names: [name] })
      await ec2.call(
        'RunInstances',
        {
          ImageId: 'ami-0ac0',
          InstanceType: 't3.nano',
          MinCount: 1,
          MaxCount: 1,
          TagSpecifications: [{ ResourceType: 'instance', Tags }],
        },
        { what: 'leaving a machine half made' },
      )
    },
    dispose: () => subject.emulator.stop(),
  }
}

driverContract('ec2', instances)
makerContract('ec2', instances)
