import { clockAt } from '../../../src/clock.ts'
import { ContainerBacking, MemoryBacking } from '../backing.ts'
import { DigitalOceanEmulator, type EmulatorOptions } from './emulator.ts'
import { PUBLIC_KEY } from './subject.ts'

interface Settings extends Omit<EmulatorOptions, 'clock' | 'backing'> {
  /** How much faster than real time it runs. */
  speed?: number
  /** Whether droplets are containers. */
  backed?: boolean
  /** The key on the account (default: a key that nobody has). */
  publicKey?: string
  listLagMs?: number
  /** What part of all requests goes wrong, always the same ones for a seed. */
  faultRate?: number
  seed?: number
}

/**
 * The emulator in a process of its own: `node --import tsx test/support/digitalocean/main.ts '{"speed":10}'` prints its
 * address on one line, and what it counted on each line it reads. It ends, with its machines, when its input does.
 */
const {
  speed = 1,
  backed,
  publicKey = PUBLIC_KEY,
  listLagMs = 0,
  faultRate,
  seed = 1,
  ...options
}: Settings = JSON.parse(process.argv[2] ?? '{}')
const emulator = await DigitalOceanEmulator.start({
  ...options,
  clock: clockAt(speed),
  backing: backed ? new ContainerBacking() : new MemoryBacking(),
})
emulator.cloud.addKey('mine', publicKey)
emulator.faults.listLagMs = listLagMs
if (faultRate !== undefined) emulator.faults.atRandom(faultRate, seed)
process.stdout.write(`${emulator.url}\n`)
process.stdin.on('data', () => process.stdout.write(`${JSON.stringify(emulator.tally())}\n`))
process.stdin.on('end', async () => {
  await emulator.stop()
  process.exit()
})
