import { usageError } from '../../errors.ts'
import type { Ec2 } from './ec2.ts'
import { Ec2Error } from './ec2-error.ts'

export interface MachineImage {
  /** An image id, or an SSM parameter that EC2 resolves itself. */
  readonly id: string
  /** The image's default login user. */
  readonly user: string
  /** Undefined for some SSM parameters: only EC2 knows the image behind them. */
  readonly rootDevice: string | undefined
}

/** The users that images create, and the root devices of those that EC2 offers as parameters. */
const DISTRIBUTIONS: readonly {
  /** Matches the name of an image, or the path of its parameter. The first that does applies. */
  readonly pattern: RegExp
  readonly user: string
  readonly rootDevice?: string
}[] = [
  { pattern: /ubuntu|canonical/i, user: 'ubuntu', rootDevice: '/dev/sda1' },
  { pattern: /debian/i, user: 'admin', rootDevice: '/dev/xvda' },
  { pattern: /ami-amazon-linux|al20\d\d-ami|amzn2/i, user: 'ec2-user', rootDevice: '/dev/xvda' },
  { pattern: /rocky/i, user: 'rocky' },
  { pattern: /flatcar|coreos/i, user: 'core' },
  { pattern: /fedora/i, user: 'fedora' },
  // AlmaLinux, Red Hat and SUSE
  { pattern: /./, user: 'ec2-user' },
]

/** Owners and names: https://documentation.ubuntu.com/aws/, https://wiki.debian.org/Cloud/AmazonEC2Image */
const SHORT_NAMES: readonly {
  readonly pattern: RegExp
  readonly owner: string
  readonly names: (version: string, arch: 'amd64' | 'arm64') => string
}[] = [
  {
    pattern: /^ubuntu-(\d\d\.\d\d)$/,
    owner: '099720109477',
    names: (version, arch) => `ubuntu/images/hvm-ssd*/ubuntu-*-${version}-${arch}-server-*`,
  },
  {
    pattern: /^debian-(\d+)$/,
    owner: '136693071363',
    names: (version, arch) => `debian-${version}-${arch}-*`,
  },
]

/**
 * Finds the configured image.
 * @throws a usage error if the name is invalid; Ec2Error
 */
export async function findImage(
  ec2: Ec2,
  image: string,
  architecture: 'arm64' | 'x86_64',
  signal?: AbortSignal,
): Promise<MachineImage> {
  if (image.startsWith('resolve:ssm:')) return { id: image, ...distributionOf(image) }
  const input = image.startsWith('ami-') ? { ImageIds: [image] } : searchFor(image, architecture)
  const { Images = [] } = await ec2.call('DescribeImages', input, {
    what: `looking for the image ${image}`,
    signal,
  })
  const [newest] = Images.toSorted((a, b) => (b.CreationDate ?? '').localeCompare(a.CreationDate ?? ''))
  if (newest?.ImageId) {
    const { user, rootDevice } = distributionOf(newest.Name ?? '')
    return { id: newest.ImageId, user, rootDevice: newest.RootDeviceName ?? rootDevice }
  }
  throw new Ec2Error('no-such-image', `image ${image} (${architecture}) not found in ${ec2.region}`, {
    hint: `images are specific to a region and an architecture: set ec2.image to another image, such as ${image === 'ubuntu-24.04' ? 'debian-12' : 'ubuntu-24.04'}`,
  })
}

function searchFor(image: string, architecture: 'arm64' | 'x86_64') {
  for (const { pattern, owner, names } of SHORT_NAMES) {
    const [, version] = pattern.exec(image) ?? []
    if (version === undefined) continue
    return {
      Owners: [owner],
      Filters: [
        { Name: 'name', Values: [names(version, architecture === 'arm64' ? 'arm64' : 'amd64')] },
        { Name: 'architecture', Values: [architecture] },
        { Name: 'state', Values: ['available'] },
      ],
    }
  }
  throw usageError('bad-image', `invalid image ${image}`, {
    hint: 'use a name such as ubuntu-24.04 or debian-12, an id (ami-…), or a parameter (resolve:ssm:/aws/service/…)',
  })
}

/** @param name the name of an image, or the path of its parameter */
function distributionOf(name: string) {
  const { user, rootDevice } = DISTRIBUTIONS.find(({ pattern }) => pattern.test(name)) ?? { user: 'ec2-user' }
  return { user, rootDevice }
}
