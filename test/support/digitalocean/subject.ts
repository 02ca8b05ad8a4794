import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { type Clock, clockAt } from '../../../src/clock.ts'
import { DigitalOceanDriver } from '../../../src/drivers/digitalocean/driver.ts'
import { digitaloceanOptions } from '../../../src/drivers/digitalocean/options.ts'
import type { Progress } from '../../../src/progress.ts'
import { DigitalOceanEmulator, type EmulatorOptions } from './emulator.ts'

/** A key that nobody has the private part of. */
export const PUBLIC_KEY = `ssh-ed25519 ${Buffer.from(`\0\0\0\x0bssh-ed25519\0\0\0 ${'x'.repeat(32)}`).toString('base64')} someone`

/** An emulated account with a key, and drivers for clusters on it, all on a fast clock. */
export class Subject {
  readonly emulator: DigitalOceanEmulator
  readonly #clock: Clock

  private constructor(emulator: DigitalOceanEmulator, clock: Clock) {
    this.emulator = emulator
    this.#clock = clock
    emulator.cloud.addKey('mine', PUBLIC_KEY)
  }

  /** @param speed how much faster than real time it runs */
  static async start(options: EmulatorOptions = {}, speed = 50): Promise<Subject> {
    const clock = clockAt(speed)
    return new Subject(await DigitalOceanEmulator.start({ clock, ...options }), clock)
  }

  driver(
    options: Record<string, unknown> = {},
    cluster = 'mine',
    publicKeys = [PUBLIC_KEY],
  ): DigitalOceanDriver {
    const { url, token } = this.emulator
    const parsed = digitaloceanOptions.parse({
      api_url: url,
      access_token: token,
      region: 'sgp1',
      ...options,
    })
    return new DigitalOceanDriver(parsed, { cluster, publicKeys: async () => publicKeys }, this.#clock)
  }

  /** Ends the emulator, and tells what was not as documented. */
  async stop(): Promise<string[]> {
    await this.emulator.stop()
    return this.emulator.violations
  }
}

/** A URL at which nothing answers. */
export async function deadUrl(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return `http://127.0.0.1:${port}`
}

/** Progress that keeps the notes. */
export function notingProgress(): Progress & { readonly notes: string[] } {
  const notes: string[] = []
  return {
    notes,
    start: () => ({ step() {}, update() {}, done() {}, fail() {} }),
    note: message => notes.push(message),
  }
}
