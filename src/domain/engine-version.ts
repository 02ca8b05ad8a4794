/**
 * Whether an engine has the desired version. `28.5.2` also matches a distribution's suffix, such as `28.5.2+dfsg1`, but not
 * a pre-release such as `28.5.2-rc.1` or `28.5.2~rc.1`.
 */
export function isEngineVersion(actual: string, wanted: string): boolean {
  const [version, prefix] = [plain(actual), plain(wanted)]
  if (!version.startsWith(prefix)) return false
  const suffix = version.slice(prefix.length)
  return suffix === '' || (/^[^0-9.]/.test(suffix) && !PRE_RELEASE.test(suffix))
}

const PRE_RELEASE = /^-(alpha|beta|dev|rc|tp)/

/** Packages write the dash before a pre-release as a tilde, which sorts before the release. */
function plain(version: string): string {
  return version.replace('~', '-')
}

/** Whether this is the version of a package, such as `5:28.5.2-1~debian.12~bookworm`, rather than of an engine. */
export function isPackageVersion(wanted: string): boolean {
  return EPOCH.test(wanted) || REVISION.test(wanted)
}

const EPOCH = /^\d+:/
/** An engine's own version has no dash before a digit. */
const REVISION = /-\d.*$/
/** Docker adds a rank (`~3` for a release, `~2.1` for the first candidate), so that packages sort. */
const RANK = /~\d+(\.\d+)*(?=$|\.[a-z])\.?/

/**
 * Extracts the engine's version from the version of its package: 28.5.2 from `5:28.5.2-1~debian.12~bookworm` and
 * `5:28.5.2~3-0~debian-bookworm`, 20.10.24+dfsg1 from `20.10.24+dfsg1-1+deb12u1`, 28.0.0-rc.1 from
 * `5:28.0.0~rc.1-1~debian.12~bookworm`.
 */
export function engineInPackage(version: string): string {
  const upstream = version.replace(EPOCH, '').replace(REVISION, '')
  return plain(upstream.replace(RANK, rank => (rank.endsWith('.') ? '~' : '')))
}

/** A version's number in the sequence of Docker's major releases: 23.0 followed 20.10. */
function releaseOf(version: string): number {
  const major = Number(/^\d+/.exec(version)?.[0])
  return major >= 23 ? major - 2 : major
}

/** Why an engine should not change from one version to another. */
export interface VersionRefusal {
  readonly reason: string
  /** Whether the host's repositories offer no smaller step, as it is with each step of a distribution. */
  readonly isOnlyWay: boolean
}

/** @param offered the versions in the host's repositories @returns undefined if the engine may change */
export function versionRefusal(
  from: string,
  to: string,
  offered: readonly string[],
): VersionRefusal | undefined {
  if (compare(to, from) < 0) {
    const reason = `${to} is older than ${from} and may not be able to read the newer engine's data`
    return { reason, isOnlyWay: false }
  }
  const skipped = releaseOf(to) - releaseOf(from) - 1
  if (skipped <= 0) return undefined
  const isBetween = (version: string) =>
    releaseOf(version) > releaseOf(from) && releaseOf(version) < releaseOf(to)
  return {
    reason: `upgrading from ${from} to ${to} skips ${skipped} major ${skipped === 1 ? 'release' : 'releases'}`,
    isOnlyWay: !offered.some(isBetween),
  }
}

function compare(a: string, b: string): number {
  const [left, right] = [numbersOf(a), numbersOf(b)]
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

function numbersOf(version: string): number[] {
  return (/^[\d.]+/.exec(version)?.[0] ?? '').split('.').map(Number)
}
