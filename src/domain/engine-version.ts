/**
 * Whether an engine has the version that is wanted. `28.5.2` stands for whatever a distribution appends to it, such as
 * `28.5.2+dfsg1`.
 */
export function isEngineVersion(actual: string, wanted: string): boolean {
  return actual === wanted || (actual.startsWith(wanted) && /^[^0-9.]/.test(actual.slice(wanted.length)))
}

/** Whether an engine's version is wanted by that of its package, such as `5:28.5.2-1~debian.12~bookworm`. */
export function isPackageVersion(wanted: string): boolean {
  return engineInPackage(wanted) !== wanted
}

/**
 * The version of an engine in the version of its package: `5:28.5.2-1~debian.12~bookworm` holds 28.5.2,
 * `20.10.24+dfsg1-1+deb12u1` holds 20.10.24+dfsg1.
 */
export function engineInPackage(version: string): string {
  const upstream = version.replace(/^\d+:/, '')
  const dash = upstream.lastIndexOf('-')
  return dash === -1 ? upstream : upstream.slice(0, dash)
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
