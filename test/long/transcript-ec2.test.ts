import { describe } from 'vitest'
import { transcript } from '../e2e/transcript.ts'
import { ContainerBacking } from '../support/backing.ts'
import { LoopbackDoors } from '../support/ec2/doors.ts'
import { Ec2Emulator } from '../support/ec2/emulator.ts'
import { environmentOf } from '../support/ec2/subject.ts'
import { requireEngine } from '../support/engine.ts'

/** Where SSH answers at public addresses, which are translated: port 22 belongs to the computer that tests. */
const SSH_PORT = 22_022

const engine = await requireEngine()

describe.skipIf(!engine)('the transcript on emulated instances', () => {
  transcript({
    name: 'ec2',
    region: 'eu-west-1',
    yaml: '  size: 512mb\n',
    async setUp() {
      const emulator = await Ec2Emulator.start({
        bootMs: 1_000,
        stopMs: 1_000,
        backingFor: () => new ContainerBacking(),
        doors: new LoopbackDoors(SSH_PORT),
      })
      const env = {
        ...environmentOf(emulator.url),
        AWS_REGION: 'us-west-1',
        EC2_SSH_USER: 'root',
        BELT_SSH_PORT: String(SSH_PORT),
      }
      return { env, tearDown: () => emulator.stop() }
    },
  })
})
