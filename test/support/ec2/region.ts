import type { Instance } from './instance.ts'

export interface Group {
  readonly id: string
  readonly name: string
  readonly vpcId: string
  readonly tags: Map<string, string>
  /** What it lets in, as texts such as `tcp 22-22 from 0.0.0.0/0`. */
  readonly permissions: Permission[]
}

export interface Permission {
  readonly protocol: string
  readonly fromPort: string | undefined
  readonly toPort: string | undefined
  readonly groups: readonly string[]
  readonly ranges: readonly string[]
}

export interface KeyPair {
  readonly id: string
  readonly name: string
  readonly publicKey: string
  readonly tags: Map<string, string>
}

export interface Image {
  readonly id: string
  readonly name: string
  readonly owner: string
  readonly architecture: 'x86_64' | 'arm64'
  readonly created: string
  readonly rootDevice: string
}

export interface Subnet {
  readonly id: string
  readonly vpcId: string
  readonly zone: string
}

/** What an account has in one region. */
export class Region {
  readonly name: string
  readonly instances = new Map<string, Instance>()
  readonly groups = new Map<string, Group>()
  readonly keyPairs = new Map<string, KeyPair>()
  readonly tokens = new Map<string, { request: string; ids: readonly string[] }>()
  readonly images: Image[]
  readonly subnets: Subnet[]
  /** Undefined: the account has removed it. */
  defaultVpc: string | undefined
  /** How many more instances a zone has room for, where it is not unlimited. */
  readonly room = new Map<string, number>()

  constructor(name: string) {
    this.name = name
    this.defaultVpc = 'vpc-0de'
    this.subnets = ['a', 'b', 'c'].flatMap((letter, i) => [
      { id: `subnet-0d${i}`, vpcId: 'vpc-0de', zone: `${name}${letter}` },
      { id: `subnet-0e${i}`, vpcId: 'vpc-0ee', zone: `${name}${letter}` },
    ])
    this.images = (['x86_64', 'arm64'] as const).flatMap((architecture, i) => {
      const arch = architecture === 'arm64' ? 'arm64' : 'amd64'
      const ubuntu = `ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-${arch}-server-2026`
      const common = { architecture, created: '2026-03-01T00:00:00.000Z' }
      return [
        {
          ...common,
          id: `ami-0ab${i}`,
          name: `${ubuntu}0301`,
          owner: '099720109477',
          rootDevice: '/dev/sda1',
        },
        {
          ...common,
          id: `ami-0ac${i}`,
          name: `${ubuntu}0901`,
          owner: '099720109477',
          rootDevice: '/dev/sda1',
          created: '2026-09-01T00:00:00.000Z',
        },
        {
          ...common,
          id: `ami-0de${i}`,
          name: `debian-12-${arch}-20260801-1`,
          owner: '136693071363',
          rootDevice: '/dev/xvda',
        },
      ]
    })
  }
}
