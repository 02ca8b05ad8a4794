import { clockAt } from '../../../src/clock.ts'
import { Ec2Driver } from '../../../src/drivers/ec2/driver.ts'
import { ec2Options } from '../../../src/drivers/ec2/options.ts'
import { type Call, Ec2Emulator, type EmulatorOptions } from './emulator.ts'
import type { Instance } from './instance.ts'

export const REGION = 'us-west-1'
export const PUBLIC_KEY =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f me@example'

const SPEED = 20

/** An emulated EC2 and drivers that use it. Both clocks run faster than real time. */
export class Subject {
  readonly emulator: Ec2Emulator
  readonly #speed: number

  private constructor(emulator: Ec2Emulator, speed: number) {
    this.emulator = emulator
    this.#speed = speed
  }

  /** Points the process's environment to the emulator, with credentials that nobody checks. */
  static async start(options: EmulatorOptions = {}): Promise<Subject> {
    const speed = options.speed ?? SPEED
    const emulator = await Ec2Emulator.start({ ...options, speed })
    Object.assign(process.env, environmentOf(emulator.url))
    return new Subject(emulator, speed)
  }

  driver(options: Record<string, unknown> = {}, cluster = 'mine', keys: string[] = [PUBLIC_KEY]): Ec2Driver {
    const context = { cluster, publicKeys: async () => keys }
    return new Ec2Driver(ec2Options.parse({ region: REGION, ...options }), context, clockAt(this.#speed))
  }

  get region() {
    return this.emulator.region(REGION)
  }

  calls(action: string): readonly Call[] {
    return this.emulator.calls.filter(call => call.action === action)
  }

  /** The instances that have not ended. */
  get alive(): Instance[] {
    return [...this.region.instances.values()].filter(({ state }) => state !== 'terminated')
  }
}

/** What a process needs to use an emulator in place of EC2. */
export function environmentOf(url: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_EC2: url,
    AWS_ACCESS_KEY_ID: 'emulated',
    AWS_SECRET_ACCESS_KEY: 'emulated',
    AWS_EC2_METADATA_DISABLED: 'true',
  }
}
