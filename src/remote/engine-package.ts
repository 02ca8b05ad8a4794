import { engineInPackage, isEngineVersion } from '../domain/engine-version.ts'
import { quote } from '../domain/quote.ts'
import type { ProcessCommand } from './command.ts'

/** The package of an engine, and its versions in the host's repositories. */
export interface EnginePackage {
  readonly manager: 'apt' | 'dnf' | 'yum'
  readonly name: string
  /** In the package manager's notation, newest first. */
  readonly versions: readonly string[]
  /** The same of the package that Docker's client comes in; empty if it comes with the engine. */
  readonly clientVersions: readonly string[]
}

/** The installed package of an engine. */
export interface InstalledEngine extends Pick<EnginePackage, 'manager' | 'name'> {
  readonly version: string
  /**
   * Whether the package manager keeps it at that version. Also true if it cannot hold packages, because `versionlock`
   * is missing.
   */
  readonly isHeld: boolean
}

/**
 * How long to wait for the apt lock, in seconds. Other programs hold it at the first start of a machine, and on Ubuntu
 * once a day.
 */
const APT_LOCK_SECONDS = 300
/** The same when the engine is about to stop: the managers were asked a moment ago, so the wait must be short. */
const APT_LOCK_SECONDS_AT_LAST = 30
const APT = `apt-get -o DPkg::Lock::Timeout=${APT_LOCK_SECONDS}`
const APT_AT_LAST = `apt-get -o DPkg::Lock::Timeout=${APT_LOCK_SECONDS_AT_LAST}`
/** An interrupted dpkg leaves files there, and apt does nothing until its work is completed. */
const APT_INTERRUPTED = "ls /var/lib/dpkg/updates | grep -q '^[0-9]'"

/**
 * The package of Docker's client, where that is a separate one. Debian has it from version 13 on; before that, and in
 * other distributions of the same names, the client comes with the engine.
 */
const CLIENTS: Readonly<Record<string, string>> = {
  'docker-ce': 'docker-ce-cli',
  'docker.io': 'docker-cli',
  'moby-engine': 'moby-cli',
}

/** Sets variables for the package manager, the package and that of the client, empty if the engine comes from no package. */
const FIND = [
  'dockerd=$(readlink -f "$(command -v dockerd)")',
  'if command -v dpkg-query >/dev/null; then',
  '  manager=apt; name=$(dpkg-query --search "$dockerd" 2>/dev/null | cut -d: -f1)',
  'else',
  '  manager=$(command -v dnf >/dev/null && echo dnf || echo yum)',
  `  name=$(rpm --query --file --queryformat '%{NAME}' "$dockerd" 2>/dev/null) || name=`,
  'fi',
  `case "$name" in ${Object.entries(CLIENTS)
    .map(([name, client]) => `${name}) client=${client};;`)
    .join(' ')} *) client=;; esac`,
  'echo "manager $manager"; echo "name $name"',
].join('\n')

/** Refreshes the package lists, and reads which package the engine comes from. */
export const enginePackageCommand: ProcessCommand = readPackage({
  refresh: `${APT} update -qq >&2`,
  options: '',
})

/** Reads which package the engine comes from without refreshing the lists, and so without the network. */
export const listedEnginePackageCommand: ProcessCommand = readPackage({ refresh: ':', options: '-C' })

/** @param how the line that refreshes apt's lists, and the options with which dnf and yum list packages */
function readPackage({ refresh, options }: { refresh: string; options: string }): ProcessCommand {
  return {
    shell: [
      'set -e',
      FIND,
      'if [ $manager = apt ]; then',
      `  ${refresh}`,
      `  listed() { apt-cache madison "$1" | awk -F' *[|] *' -v word=$2 '{ print word, $2 }'; }`,
      'else',
      `  listed() { "$manager" --quiet ${options} list --showduplicates "$1" | awk -v name="$1" -v word=$2 'index($1, name ".") == 1 { print word, $2 }' | tac; }`,
      'fi',
      'listed "$name" version',
      '[ -z "$client" ] || listed "$client" client 2>/dev/null || true',
    ].join('\n'),
    needs: 'root',
    journaled: false,
  }
}

/** Reads how the engine's package is installed. */
export const installedEngineCommand: ProcessCommand = {
  shell: [
    FIND,
    '[ -n "$name" ] || exit 0',
    'if [ $manager = apt ]; then',
    `  dpkg-query --show --showformat 'version \${Version}\n' "$name"`,
    '  ! apt-mark showhold | grep -qx "$name" || echo "held yes"',
    'else',
    `  rpm --query --queryformat 'version %|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\n' "$name"`,
    '  if locks=$("$manager" --quiet versionlock list 2>/dev/null)',
    `  then ! echo "$locks" | grep -qE "(^|: )$name(-[0-9]|$)" || echo 'held yes'`,
    "  else echo 'held never'; fi",
    'fi',
  ].join('\n'),
  needs: 'root',
  journaled: false,
}

/**
 * Parses the output of `enginePackageCommand`.
 * @throws Error if the engine comes from no package
 */
export function parseEnginePackage(stdout: string): EnginePackage {
  const found = foundPackage(stdout)
  if (!found) throw new Error('its engine belongs to no package')
  const all = (key: string) => [...new Set(valuesOf(stdout, key))]
  return { ...found, versions: all('version'), clientVersions: all('client') }
}

/** Parses the output of `installedEngineCommand`; undefined if the engine comes from no package. */
export function parseInstalledEngine(stdout: string): InstalledEngine | undefined {
  const found = foundPackage(stdout)
  const [version] = valuesOf(stdout, 'version')
  if (!found || version === undefined) return undefined
  return { ...found, version, isHeld: valuesOf(stdout, 'held').length > 0 }
}

function foundPackage(stdout: string): PackageName | undefined {
  const manager = (['apt', 'dnf', 'yum'] as const).find(known => known === valuesOf(stdout, 'manager')[0])
  const [name] = valuesOf(stdout, 'name')
  return manager && name ? { manager, name } : undefined
}

function valuesOf(stdout: string, key: string): string[] {
  return [...stdout.matchAll(new RegExp(`^${key} (\\S+)$`, 'gm'))].map(match => match[1] ?? '')
}

/**
 * The version of the package for a version of the engine: the package version itself, or the newest that contains it.
 */
export function packageVersion({ versions }: EnginePackage, wanted: string): string | undefined {
  return versions.find(version => version === wanted || isEngineVersion(engineInPackage(version), wanted))
}

type PackageName = Pick<EnginePackage, 'manager' | 'name'>

/**
 * Downloads the packages of a version of the engine and installs nothing. Leftovers of an interrupted installation were
 * downloaded before.
 * @param version as the package manager writes it
 */
export function downloadEngineCommand(engine: EnginePackage, version: string): ProcessCommand {
  if (engine.manager === 'apt') {
    const fetch = `${APT} install --download-only ${APT_OPTIONS} ${pinned(engine, version)}`
    return { shell: `export DEBIAN_FRONTEND=noninteractive; ${APT_INTERRUPTED} || ${fetch}`, needs: 'root' }
  }
  const fetch = `${engine.manager} -y install --downloadonly ${pinned(engine, version)}`
  return { shell: `${unlock(engine)}; ${fetch}`, needs: 'root' }
}

/**
 * Installs a downloaded version of the engine without the network, and holds it. Most packages restart the engine
 * themselves.
 * @param version as the package manager writes it
 */
export function installEngineCommand(engine: EnginePackage, version: string): ProcessCommand {
  const hold = holdLine(engine)
  if (engine.manager === 'apt') {
    const finish = `! ${APT_INTERRUPTED} || dpkg --force-confold --configure -a`
    const install = `${APT_AT_LAST} -o Dpkg::Options::=--force-confold install --no-download ${APT_OPTIONS} ${pinned(engine, version)}`
    return {
      shell: `export DEBIAN_FRONTEND=noninteractive; { ${finish}; } && ${install} && ${hold}`,
      needs: 'root',
    }
  }
  const install = `${engine.manager} -y -C install ${pinned(engine, version)}`
  return {
    shell: `${unlock(engine)}; ${install} && { ${hold} || echo 'the version is not held: versionlock is missing' >&2; }`,
    needs: 'root',
  }
}

const APT_OPTIONS = '-y --no-install-recommends --allow-change-held-packages --allow-downgrades'

/** The packages of the engine and, where it is a separate one, of the client with the same version. */
function pinned({ manager, name, clientVersions }: EnginePackage, version: string): string {
  const client =
    clientVersions.find(each => each === version) ??
    clientVersions.find(each => engineInPackage(each) === engineInPackage(version))
  const suffix = (of: string) => (manager === 'apt' ? `=${of}` : `-${of.replace(/^\d+:/, '')}`)
  const packages = [`${name}${suffix(version)}`, ...(client ? [`${CLIENTS[name]}${suffix(client)}`] : [])]
  return packages.map(quote).join(' ')
}

function unlock({ manager, name }: PackageName): string {
  return `${manager} versionlock delete ${namesOf(name).join(' ')} >/dev/null 2>&1`
}

/** Holds the engine at its installed version. Restarts nothing. */
export function holdEngineCommand(installed: PackageName): ProcessCommand {
  return { shell: holdLine(installed), needs: 'root' }
}

/** Holds the client too, if it is installed as a package of its own. */
function holdLine({ manager, name }: PackageName): string {
  const client = CLIENTS[name]
  const hold = manager === 'apt' ? 'apt-mark hold' : `${manager} versionlock add`
  const isInstalled = manager === 'apt' ? 'dpkg --status' : 'rpm --query'
  const own = `${hold} ${name}`
  return client ? `${own} && { ! ${isInstalled} ${client} >/dev/null 2>&1 || ${hold} ${client}; }` : own
}

function namesOf(name: string): string[] {
  return [name, ...(CLIENTS[name] === undefined ? [] : [CLIENTS[name]])]
}
