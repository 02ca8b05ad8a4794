import type { DriverModule } from './module.ts'

const loaders = {
  docker: async () => (await import('./docker/module.ts')).docker,
  digitalocean: async () => (await import('./digitalocean/module.ts')).digitalocean,
  ec2: async () => (await import('./ec2/module.ts')).ec2,
  static: async () => (await import('./static/module.ts')).inventory,
} satisfies Record<string, () => Promise<DriverModule>>

export type DriverName = keyof typeof loaders

/** All drivers, in the order in which they are shown. */
export const driverNames = Object.keys(loaders) as readonly DriverName[]

/** Where the machines of a driver come from. */
export const driverSources: Readonly<Record<DriverName, string>> = {
  docker: 'local machines on your Docker Engine, which cost nothing',
  digitalocean: 'droplets of DigitalOcean',
  ec2: 'instances of Amazon EC2',
  static: 'hosts that you already have',
}

export function isDriverName(name: string): name is DriverName {
  return Object.hasOwn(loaders, name)
}

/** Loads a driver and its client library on demand, because they cost time and memory. */
export function loadDriver(name: DriverName): Promise<DriverModule> {
  return loaders[name]()
}
