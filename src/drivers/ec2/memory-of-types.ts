import type { Instance } from '@aws-sdk/client-ec2'
import type { Ec2 } from './ec2.ts'
import { memoryOf } from './sizes.ts'

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypes.html */
const MAX_TYPES = 100

/** The memory of instance types. Types that Belt does not know are looked up once. */
export class MemoryOfTypes {
  readonly #known = new Map<string, number>()

  /** In MiB by type. Types that cannot be looked up are missing, because the value is only displayed. */
  async among(ec2: Ec2, instances: readonly Instance[]): Promise<ReadonlyMap<string, number>> {
    const types = new Set(instances.flatMap(({ InstanceType }) => InstanceType ?? []))
    const unknown = [...types].filter(type => memoryOf(type) === undefined && !this.#known.has(type))
    if (unknown.length > 0) await this.#ask(ec2, unknown.slice(0, MAX_TYPES)).catch(() => {})
    return this.#known
  }

  async #ask(ec2: Ec2, types: Instance['InstanceType'][]): Promise<void> {
    const { InstanceTypes = [] } = await ec2.call(
      'DescribeInstanceTypes',
      { InstanceTypes: types.flatMap(type => type ?? []) },
      { what: 'reading the memory of instance types' },
    )
    for (const { InstanceType, MemoryInfo } of InstanceTypes)
      if (InstanceType && MemoryInfo?.SizeInMiB) this.#known.set(InstanceType, MemoryInfo.SizeInMiB)
  }
}
