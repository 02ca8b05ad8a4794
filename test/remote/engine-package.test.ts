import { describe, expect, it } from 'vitest'
import { commandLine } from '../../src/remote/command.ts'
import {
  holdEngineCommand,
  installEngineCommand,
  packageVersion,
  parseEnginePackage,
  parseInstalledEngine,
} from '../../src/remote/engine-package.ts'

const ce = parseEnginePackage(
  'manager apt\nname docker-ce\nversion 5:28.5.2-1~debian.12~bookworm\nversion 5:28.5.1-1~debian.12~bookworm\n',
)

describe('the package of an engine', () => {
  it('is found with its versions', () => {
    expect(ce).toEqual({
      manager: 'apt',
      name: 'docker-ce',
      versions: ['5:28.5.2-1~debian.12~bookworm', '5:28.5.1-1~debian.12~bookworm'],
    })
    expect(packageVersion(ce, '28.5.1')).toBe('5:28.5.1-1~debian.12~bookworm')
    expect(packageVersion(ce, '5:28.5.1-1~debian.12~bookworm')).toBe('5:28.5.1-1~debian.12~bookworm')
    expect(packageVersion(ce, '28.5')).toBeUndefined()
  })

  it('tells how it is installed, and whether it is held', () => {
    const text = 'manager apt\nname docker-ce\nversion 5:28.5.1-1~debian.12~bookworm\n'
    const installed = { manager: 'apt', name: 'docker-ce', version: '5:28.5.1-1~debian.12~bookworm' }
    expect(parseInstalledEngine(text)).toEqual({ ...installed, isHeld: false })
    expect(parseInstalledEngine(`${text}held yes\n`)).toEqual({ ...installed, isHeld: true })
    expect(parseInstalledEngine('manager apt\nname \n')).toBeUndefined()
  })

  it('is held as it is, with its client', () => {
    expect(commandLine(holdEngineCommand(ce))).toBe('apt-mark hold docker-ce docker-ce-cli')
  })

  it('is none where the engine was installed by hand', () => {
    expect(() => parseEnginePackage('manager apt\nname \n')).toThrow('belongs to no package')
  })

  it('is installed pinned, with its client, and held', () => {
    const line = commandLine(installEngineCommand(ce, '5:28.5.2-1~debian.12~bookworm'))
    expect(line).toContain(
      "'docker-ce=5:28.5.2-1~debian.12~bookworm' 'docker-ce-cli=5:28.5.2-1~debian.12~bookworm'",
    )
    expect(line).toContain('--force-confold')
    expect(line).toContain('&& apt-mark hold docker-ce docker-ce-cli')
  })

  it('is installed with dnf where that is what there is', () => {
    const fedora = parseEnginePackage('manager dnf\nname docker-ce\nversion 3:28.5.2-1.el9\n')
    const line = commandLine(installEngineCommand(fedora, '3:28.5.2-1.el9'))
    expect(line).toContain('dnf -y install docker-ce-28.5.2-1.el9 docker-ce-cli-28.5.2-1.el9')
    expect(line).toContain('dnf versionlock add docker-ce docker-ce-cli')
  })
})
