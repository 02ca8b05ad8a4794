import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ContainerBacking } from './backing.ts'
import { TestCluster } from './cluster.ts'
import { DigitalOceanEmulator } from './digitalocean/emulator.ts'
import { LoopbackDoors } from './ec2/doors.ts'
import { Ec2Emulator } from './ec2/emulator.ts'
import { environmentOf } from './ec2/subject.ts'

/** A cluster whose config names an emulated cloud, with machines that are containers. */
export interface EmulatedCloud {
  readonly cluster: TestCluster
  /** Destroys the machines, and ends the cloud. */
  close(): Promise<void>
}

export interface EmulatedDroplets extends EmulatedCloud {
  readonly emulator: DigitalOceanEmulator
  readonly backing: ContainerBacking
}

/** @param dockerHost the engine that runs the machines */
export async function emulatedDroplets(dockerHost: string): Promise<EmulatedDroplets> {
  const backing = new ContainerBacking()
  const emulator = await DigitalOceanEmulator.start({ backing, bootMs: 500 })
  const cluster = new TestCluster({
    DIGITALOCEAN_API_URL: emulator.url,
    DIGITALOCEAN_ACCESS_TOKEN: emulator.token,
    DOCKER_HOST: dockerHost,
  })
  emulator.cloud.addKey('mine', readFileSync(join(cluster.folder, 'key.pub'), 'utf8').trim())
  cluster.configure('digitalocean:\n  region: sgp1\n  size: 512mb\n')
  return { cluster, emulator, backing, close: () => closed(cluster, emulator) }
}

/**
 * @param dockerHost the engine that runs the machines
 * @param sshPort where SSH answers at their public addresses, which are translated; one for each test file
 * @param more lines of the driver's section
 */
export async function emulatedInstances(
  dockerHost: string,
  sshPort: number,
  more = '',
): Promise<EmulatedCloud> {
  const emulator = await Ec2Emulator.start({
    bootMs: 500,
    stopMs: 500,
    backingFor: () => new ContainerBacking(),
    doors: new LoopbackDoors(sshPort),
  })
  const cluster = new TestCluster({
    ...environmentOf(emulator.url),
    AWS_REGION: 'us-west-1',
    EC2_SSH_USER: 'root',
    BELT_SSH_PORT: String(sshPort),
    DOCKER_HOST: dockerHost,
  })
  cluster.configure(`ec2:\n  size: 512mb\n${more}`)
  return { cluster, close: () => closed(cluster, emulator) }
}

async function closed(cluster: TestCluster, emulator: { stop(): Promise<void> }): Promise<void> {
  await cluster.run(['rm', '*', '--yes'])
  await emulator.stop()
  cluster.remove()
}
