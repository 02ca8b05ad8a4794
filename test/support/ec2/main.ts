import { ContainerBacking } from '../backing.ts'
import { LoopbackDoors } from './doors.ts'
import { Ec2Emulator, type EmulatorOptions } from './emulator.ts'

/**
 * The emulator in a process of its own: `node --import tsx test/support/ec2/main.ts '{"speed":10,"backed":true}'`
 * prints its address on one line. It ends, with its machines, when its standard input does.
 */
const { backed, ...options }: EmulatorOptions & { backed?: boolean } = JSON.parse(process.argv[2] ?? '{}')
const emulator = await Ec2Emulator.start({
  ...options,
  ...(backed && { backingFor: () => new ContainerBacking(), doors: new LoopbackDoors(22_022) }),
})
process.stdout.write(`${emulator.url}\n`)
process.stdin.resume().on('end', async () => {
  await emulator.stop()
  process.exit()
})
