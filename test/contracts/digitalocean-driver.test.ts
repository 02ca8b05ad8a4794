import { clusterTag } from '../../src/drivers/digitalocean/tags.ts'
import { deadUrl, Subject } from '../support/digitalocean/subject.ts'
import { driverContract, type MakerUnderTest, makerContract } from './driver.ts'

async function droplets(): Promise<MakerUnderTest> {
  const subject = await Subject.start()
  const { cloud, faults } = subject.emulator
  faults.vanishing.add('impossible')
  return {
    driver: subject.driver(),
    neighbour: subject.driver({}, 'theirs'),
    unreachable: subject.driver({ api_url: await deadUrl() }),
    names: ['node1', 'node2', 'node3', 'node10'],
    impossible: 'impossible',
    size: '512mb',
    leaveHalfMade: async name => {
      faults.slow.add(name)
      const tags = [clusterTag('mine')]
      cloud.create({
        names: [name],
        region: 'sgp1',
        size: 's-1vcpu-1gb',
        image: 1001,
        ssh_keys: [],
        tags,
        monitoring: false,
        ipv6: false,
      })
    },
    dispose: async () => {
      const violations = await subject.stop()
      if (violations.length > 0) throw new Error(violations.join('\n'))
    },
  }
}

driverContract('digitalocean', droplets)
makerContract('digitalocean', droplets)
