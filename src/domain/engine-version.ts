/**
 * Whether an engine has the version that is wanted. `28.5.2` stands for whatever a distribution appends to it, such as
 * `28.5.2+dfsg1`, and not for what came before it, such as `28.5.2-rc.1`, which may be written `28.5.2~rc.1` too.
 */
export function isEngineVersion(actual: string, wanted: string): boolean {
  const [is, shall] = [plain(actual), plain(wanted)]
  if (!is.startsWith(shall)) return false
  const appended = is.slice(shall.length)
  return appended === '' || (/^[^0-9.]/.test(appended) && !PRE_RELEASE.test(appended))
}

const PRE_RELEASE = /^-(alpha|beta|dev|rc|tp)/

/** Packages write the dash before a pre-release as a tilde, which sorts before the release. */
function plain(version: string): string {
  return version.replace('~', '-')
}

/** Whether a version is that of a package, such as `5:28.5.2-1~debian.12~bookworm`, and no engine's own. */
export function isPackageVersion(wanted: string): boolean {
  return EPOCH.test(wanted) || REVISION.test(wanted)
}

const EPOCH = /^\d+:/
/** An engine's own version has no dash before a digit. */
const REVISION = /-\d.*$/
/** Docker has numbered what a version is (`~3` a release, `~2.1` the first candidate), so that packages sort. */
const RANK = /~\d+(\.\d+)*(?=$|\.[a-z])\.?/

/**
 * The version of an engine in the version of its package: `5:28.5.2-1~debian.12~bookworm` and
 * `5:28.5.2~3-0~debian-bookworm` hold 28.5.2, `20.10.24+dfsg1-1+deb12u1` holds 20.10.24+dfsg1,
 * `5:28.0.0~rc.1-1~debian.12~bookworm` holds 28.0.0-rc.1.
 */
export function engineInPackage(version: string): string {
  const upstream = version.replace(EPOCH, '').replace(REVISION, '')
  return plain(upstream.replace(RANK, rank => (rank.endsWith('.') ? '~' : '')))
}

/** Where a version stands in the row of Docker's major releases: behind 20.10 came 23.0. */
function releaseOf(version: string): number {
  const major = Number(/^\d+/.exec(version)?.[0])
  return major >= 23 ? major - 2 : major
}

/** Why an engine should not go from one version to another; undefined when it may. */
export function versionRefusal(from: string, to: string): string | undefined {
  if (compare(to, from) < 0)
    return `${to} is older than ${from}, and what a newer engine has written it may not read`
  const skipped = releaseOf(to) - releaseOf(from) - 1
  return skipped > 0
    ? `from ${from} to ${to} skips ${skipped} major ${skipped === 1 ? 'release' : 'releases'}`
    : undefined
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
