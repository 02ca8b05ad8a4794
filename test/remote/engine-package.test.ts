import { describe, expect, it } from 'vitest'
import { commandLine } from '../../src/remote/command.ts'
import {
  downloadEngineCommand,
  enginePackageCommand,
  holdEngineCommand,
  installEngineCommand,
  listedEnginePackageCommand,
  packageVersion,
  parseEnginePackage,
  parseInstalledEngine,
} from '../../src/remote/engine-package.ts'

const ce = parseEnginePackage(
  'manager apt\nname docker-ce\nversion 5:28.5.2-1~debian.12~bookworm\nversion 5:28.5.1-1~debian.12~bookworm\n' +
    'client 5:28.5.2-1~debian.12~bookworm\nclient 5:28.5.1-1~debian.12~bookworm\n',
)

const HOLD =
  'apt-mark hold docker-ce && { ! dpkg --status docker-ce-cli >/dev/null 2>&1 || apt-mark hold docker-ce-cli; }'

describe('the package of an engine', () => {
  it('is parsed with its versions', () => {
    expect(ce).toEqual({
      manager: 'apt',
      name: 'docker-ce',
      versions: ['5:28.5.2-1~debian.12~bookworm', '5:28.5.1-1~debian.12~bookworm'],
      clientVersions: ['5:28.5.2-1~debian.12~bookworm', '5:28.5.1-1~debian.12~bookworm'],
    })
    expect(packageVersion(ce, '28.5.1')).toBe('5:28.5.1-1~debian.12~bookworm')
    expect(packageVersion(ce, '5:28.5.1-1~debian.12~bookworm')).toBe('5:28.5.1-1~debian.12~bookworm')
    expect(packageVersion(ce, '28.5')).toBeUndefined()
  })

  it('is parsed with its package manager and whether it is held', () => {
    const text = 'manager apt\nname docker-ce\nversion 5:28.5.1-1~debian.12~bookworm\n'
    const installed = { manager: 'apt', name: 'docker-ce', version: '5:28.5.1-1~debian.12~bookworm' }
    expect(parseInstalledEngine(text)).toEqual({ ...installed, isHeld: false })
    expect(parseInstalledEngine(`${text}held yes\n`)).toEqual({ ...installed, isHeld: true })
    expect(parseInstalledEngine('manager apt\nname \n')).toBeUndefined()
  })

  it('is held at its version, with its client', () => {
    expect(commandLine(holdEngineCommand(ce))).toBe(HOLD)
  })

  it('brings along the client where the repository has it as a package of its own', () => {
    const lines =
      'manager apt\nname docker.io\nversion 26.1.5+dfsg1-9+b11\nversion 20.10.24+dfsg1-1+deb12u1\n'
    const trixie = parseEnginePackage(`${lines}client 26.1.5+dfsg1-9+b12\n`)
    expect(commandLine(installEngineCommand(trixie, '26.1.5+dfsg1-9+b11'))).toContain(
      " 'docker.io=26.1.5+dfsg1-9+b11' 'docker-cli=26.1.5+dfsg1-9+b12' && apt-mark hold docker.io && ",
    )
    const bookworm = parseEnginePackage(lines)
    const install = commandLine(installEngineCommand(bookworm, '20.10.24+dfsg1-1+deb12u1'))
    expect(install).toContain(" 'docker.io=20.10.24+dfsg1-1+deb12u1' && apt-mark hold docker.io && ")
    expect(install).not.toContain('docker-cli=')
  })

  it('is absent if the engine was installed by hand', () => {
    expect(() => parseEnginePackage('manager apt\nname \n')).toThrow('belongs to no package')
  })

  it('is downloaded at the given version, with its client, without changing what is installed', () => {
    expect(commandLine(downloadEngineCommand(ce, '5:28.5.2-1~debian.12~bookworm'))).toBe(
      'export DEBIAN_FRONTEND=noninteractive; ' +
        "ls /var/lib/dpkg/updates | grep -q '^[0-9]' || " +
        'apt-get -o DPkg::Lock::Timeout=300 install --download-only ' +
        '-y --no-install-recommends --allow-change-held-packages --allow-downgrades ' +
        "'docker-ce=5:28.5.2-1~debian.12~bookworm' 'docker-ce-cli=5:28.5.2-1~debian.12~bookworm'",
    )
  })

  it('is installed at the given version and held, offline, after an interrupted installation is completed', () => {
    expect(commandLine(installEngineCommand(ce, '5:28.5.2-1~debian.12~bookworm'))).toBe(
      'export DEBIAN_FRONTEND=noninteractive; ' +
        "{ ! ls /var/lib/dpkg/updates | grep -q '^[0-9]' || dpkg --force-confold --configure -a; } && " +
        'apt-get -o DPkg::Lock::Timeout=30 -o Dpkg::Options::=--force-confold install --no-download ' +
        '-y --no-install-recommends --allow-change-held-packages --allow-downgrades ' +
        "'docker-ce=5:28.5.2-1~debian.12~bookworm' 'docker-ce-cli=5:28.5.2-1~debian.12~bookworm' && " +
        HOLD,
    )
  })

  it('refreshes the package lists only before a download', () => {
    expect(commandLine(enginePackageCommand)).toContain('apt-get -o DPkg::Lock::Timeout=300 update')
    expect(commandLine(enginePackageCommand)).not.toContain('-C')
    expect(commandLine(listedEnginePackageCommand)).not.toContain('update')
    expect(commandLine(listedEnginePackageCommand)).toContain('"$manager" --quiet -C list')
  })

  it('is downloaded and installed with dnf on hosts that use it', () => {
    const fedora = parseEnginePackage(
      'manager dnf\nname docker-ce\nversion 3:28.5.2-1.el9\nclient 1:28.5.2-1.el9\n',
    )
    const packages = 'docker-ce-28.5.2-1.el9 docker-ce-cli-28.5.2-1.el9'
    const unlock = 'dnf versionlock delete docker-ce docker-ce-cli >/dev/null 2>&1'
    expect(commandLine(downloadEngineCommand(fedora, '3:28.5.2-1.el9'))).toBe(
      `${unlock}; dnf -y install --downloadonly ${packages}`,
    )
    const install = commandLine(installEngineCommand(fedora, '3:28.5.2-1.el9'))
    expect(install).toContain(`${unlock}; dnf -y -C install ${packages} && `)
    expect(install).toContain('dnf versionlock add docker-ce && ')
  })
})
