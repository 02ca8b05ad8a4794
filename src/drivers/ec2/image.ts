import { usageError } from '../../errors.ts'
import type { Ec2 } from './ec2.ts'
import { Ec2Error } from './ec2-error.ts'

export interface MachineImage {
  /** An image id, or an SSM parameter that EC2 resolves itself. */
  readonly id: string
  /** The image's default login user. */
  readonly user: string
  readonly rootDevice: string
}

interface Distribution {
  readonly user: string
  readonly rootDevice: string
  /** Matches the name of an image, or the path of its parameter. */
  readonly pattern: RegExp
}

const UBUNTU: Distribution = { user: 'ubuntu', rootDevice: '/dev/sda1', pattern: /ubuntu|canonical/i }
const DEBIAN: Distribution = { user: 'admin', rootDevice: '/dev/xvda', pattern: /debian/i }
const ROCKY: Distribution = { user: 'rocky', rootDevice: '/dev/sda1', pattern: /rocky/i }
const FEDORA: Distribution = { user: 'fedora', rootDevice: '/dev/sda1', pattern: /fedora/i }
const FLATCAR: Distribution = { user: 'core', rootDevice: '/dev/xvda', pattern: /flatcar/i }
const AMAZON: Distribution = { user: 'ec2-user', rootDevice: '/dev/xvda', pattern: /./ }

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
    hint: 'images are specific to a region and an architecture: set ec2.image to another image, such as ubuntu-24.04',
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

function distributionOf(name: string): { user: string; rootDevice: string } {
  const { user, rootDevice } =
    [UBUNTU, DEBIAN, ROCKY, FEDORA, FLATCAR].find(distribution => distribution.pattern.test(name)) ?? AMAZON
  return { user, rootDevice }
}
