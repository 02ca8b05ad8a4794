import { engineInPackage, isEngineVersion } from '../domain/engine-version.ts'
import { type Command, quote } from './command.ts'

/** The package that an engine was installed from, and the versions that the host's repositories have of it. */
export interface EnginePackage {
  readonly manager: 'apt' | 'dnf' | 'yum'
  readonly name: string
  /** As the package manager writes them, the newest first. */
  readonly versions: readonly string[]
}

/** The package that an engine was installed from, as it is installed. */
export interface InstalledEngine extends Pick<EnginePackage, 'manager' | 'name'> {
  readonly version: string
  /** Whether the package manager leaves it at that version, or cannot be told to: `versionlock` may be missing. */
  readonly isHeld: boolean
}

/** Others wait for it at the first start of a machine, and on Ubuntu once a day: it is waited for, in seconds. */
const APT_LOCK_SECONDS = 300
const APT = `apt-get -o DPkg::Lock::Timeout=${APT_LOCK_SECONDS}`

/** Names the package manager and the package in variables, empty where the engine belongs to none. */
const FIND = [
  'dockerd=$(readlink -f "$(command -v dockerd)")',
  'if command -v dpkg-query >/dev/null; then',
  '  manager=apt; name=$(dpkg-query --search "$dockerd" 2>/dev/null | cut -d: -f1)',
  'else',
  '  manager=$(command -v dnf >/dev/null && echo dnf || echo yum)',
  `  name=$(rpm --query --file --queryformat '%{NAME}' "$dockerd" 2>/dev/null) || name=`,
  'fi',
  'echo "manager $manager"; echo "name $name"',
].join('\n')

/** Refreshes the list of packages, and reads which one the engine is from. */
export const enginePackageCommand: Command = {
  run: {
    shell: [
      'set -e',
      FIND,
      'if [ $manager = apt ]; then',
      `  ${APT} update -qq >&2`,
      `  apt-cache madison "$name" | awk -F' *[|] *' '{ print "version", $2 }'`,
      'else',
      `  "$manager" --quiet list --showduplicates "$name" | awk -v name="$name" 'index($1, name ".") == 1 { print "version", $2 }' | tac`,
      'fi',
    ].join('\n'),
  },
  journaled: false,
}

/** Reads how the engine's package is installed. */
export const installedEngineCommand: Command = {
  run: {
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
  },
  journaled: false,
}

/**
 * Reads what `enginePackageCommand` printed.
 * @throws Error when the engine belongs to no package
 */
export function parseEnginePackage(stdout: string): EnginePackage {
  const found = foundPackage(stdout)
  if (!found) throw new Error('its engine belongs to no package')
  return { ...found, versions: [...new Set(valuesOf(stdout, 'version'))] }
}

/** Reads what `installedEngineCommand` printed; undefined where the engine belongs to no package. */
export function parseInstalledEngine(stdout: string): InstalledEngine | undefined {
  const found = foundPackage(stdout)
  const [version] = valuesOf(stdout, 'version')
  if (!found || version === undefined) return undefined
  return { ...found, version, isHeld: valuesOf(stdout, 'held').length > 0 }
}

function foundPackage(stdout: string): Pick<EnginePackage, 'manager' | 'name'> | undefined {
  const manager = (['apt', 'dnf', 'yum'] as const).find(known => known === valuesOf(stdout, 'manager')[0])
  const [name] = valuesOf(stdout, 'name')
  return manager && name ? { manager, name } : undefined
}

function valuesOf(stdout: string, key: string): string[] {
  return [...stdout.matchAll(new RegExp(`^${key} (\\S+)$`, 'gm'))].map(match => match[1] ?? '')
}

/** The version of the package that holds the wanted version of the engine: as named itself, else the newest that does. */
export function packageVersion({ versions }: EnginePackage, wanted: string): string | undefined {
  return versions.find(version => version === wanted || isEngineVersion(engineInPackage(version), wanted))
}

/** Docker's own client is a package of its own with the same version, which is held beside the engine's. */
const COMPANIONS: Readonly<Record<string, readonly string[]>> = { 'docker-ce': ['docker-ce-cli'] }

/**
 * Installs a version of the engine and holds it there. The package restarts the engine by itself, where it knows how.
 * @param version as the package manager writes it
 */
export function installEngineCommand(
  { manager, name }: Pick<EnginePackage, 'manager' | 'name'>,
  version: string,
): Command {
  const names = namesOf(name)
  const hold = holdLine({ manager, name })
  if (manager === 'apt') {
    const pinned = names.map(each => quote(`${each}=${version}`)).join(' ')
    const options = '-y --no-install-recommends --allow-change-held-packages --allow-downgrades'
    return {
      run: {
        shell: `export DEBIAN_FRONTEND=noninteractive; ${APT} -o Dpkg::Options::=--force-confold install ${options} ${pinned} && ${hold}`,
      },
    }
  }
  const pinned = names.map(each => quote(`${each}-${version.replace(/^\d+:/, '')}`)).join(' ')
  return {
    run: {
      shell: `${manager} versionlock delete ${names.join(' ')} >/dev/null 2>&1; ${manager} -y install ${pinned} && { ${hold} || echo 'the version is not held: versionlock is missing' >&2; }`,
    },
  }
}

/** Holds the engine at the version that is installed; restarts nothing. */
export function holdEngineCommand(installed: Pick<EnginePackage, 'manager' | 'name'>): Command {
  return { run: { shell: holdLine(installed) } }
}

function holdLine({ manager, name }: Pick<EnginePackage, 'manager' | 'name'>): string {
  const names = namesOf(name).join(' ')
  return manager === 'apt' ? `apt-mark hold ${names}` : `${manager} versionlock add ${names}`
}

function namesOf(name: string): string[] {
  return [name, ...(COMPANIONS[name] ?? [])]
}
