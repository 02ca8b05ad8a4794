import { createInterface } from 'node:readline'
import { ContainerBacking } from '../backing.ts'
import { LoopbackDoors } from './doors.ts'
import { Ec2Emulator, type EmulatorOptions } from './emulator.ts'

interface Settings extends EmulatorOptions {
  /** Whether instances are containers, which answer at translated addresses. */
  backed?: boolean
  /** What part of all requests goes wrong, always the same ones for a seed. */
  faultRate?: number
  seed?: number
}

/**
 * The emulator in a process of its own: `node --import tsx test/support/ec2/main.ts '{"speed":10}'` prints its address
 * on one line, and what it counted on each line it reads. It ends, with its machines, when its input does.
 */
const { backed, faultRate, seed = 1, ...options }: Settings = JSON.parse(process.argv[2] ?? '{}')
const emulator = await Ec2Emulator.start({
  ...options,
  ...(backed && { backingFor: () => new ContainerBacking(), doors: new LoopbackDoors(22_022) }),
})
if (faultRate !== undefined) emulator.faults.atRandom(faultRate, seed)
process.stdout.write(`${emulator.url}\n`)
createInterface({ input: process.stdin })
  .on('line', () => process.stdout.write(`${JSON.stringify(emulator.tally())}\n`))
  .on('close', async () => {
    await emulator.stop()
    process.exit()
  })
