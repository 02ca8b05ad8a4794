import { describe, expect, it } from 'vitest'
import {
  engineInPackage,
  isEngineVersion,
  isPackageVersion,
  versionRefusal,
} from '../../src/domain/engine-version.ts'

describe('versions of engines', () => {
  it.each([
    ['28.5.2', '28.5.2', true],
    ['28.5.2+dfsg1', '28.5.2', true],
    ['28.5.2-ce', '28.5.2', true],
    ['28.0.0-rc.1', '28.0.0-rc.1', true],
    ['28.0.0-rc.1', '28.0.0~rc.1', true],
    ['28.0.0-rc.1', '28.0.0', false],
    ['28.0.0~rc.1', '28.0.0', false],
    ['28.0.0', '28.0.0-rc.1', false],
    ['28.0.0-rc.10', '28.0.0-rc.1', false],
    ['28.5.21', '28.5.2', false],
    ['28.5.2', '28.5', false],
    ['', '28.5.2', false],
  ])('%s is %s: %s', (actual, wanted, same) => {
    expect(isEngineVersion(actual, wanted)).toBe(same)
  })

  it.each([
    ['5:28.5.2-1~debian.12~bookworm', '28.5.2'],
    ['20.10.24+dfsg1-1+deb12u1', '20.10.24+dfsg1'],
    ['3:28.5.2-1.el9', '28.5.2'],
    ['5:20.10.24~3-0~debian-bookworm', '20.10.24'],
    ['5:18.09.0~2.1.rc1-0~ubuntu-bionic', '18.09.0-rc1'],
    ['5:28.0.0~rc.1-1~debian.12~bookworm', '28.0.0-rc.1'],
    ['3:28.0.0~rc.1-1.el9', '28.0.0-rc.1'],
    ['24.0.7-0ubuntu4.1', '24.0.7'],
    ['20.10.25-0ubuntu1~22.04.1', '20.10.25'],
  ])('the package %s holds %s', (version, engine) => {
    expect(engineInPackage(version)).toBe(engine)
    expect(isPackageVersion(version)).toBe(true)
  })

  it.each(['28.5.2', '28.5.2+dfsg1', '28.0.0-rc.1'])('%s is no version of a package', version => {
    expect(engineInPackage(version)).toBe(version)
    expect(isPackageVersion(version)).toBe(false)
  })

  it.each([
    ['28.5.1', '28.5.2'],
    ['27.5.1', '28.0.0'],
    ['20.10.24+dfsg1', '23.0.1'],
    ['28.5.2', '28.5.2'],
  ])('from %s to %s nothing stands in the way', (from, to) => {
    expect(versionRefusal(from, to, [to])).toBeUndefined()
  })

  it.each([
    ['28.5.2', '28.5.1', 'is older than'],
    ['28.0.0', '20.10.24+dfsg1', 'is older than'],
    ['26.1.4', '28.5.2', 'skips 1 major release'],
    ['20.10.24', '25.0.0', 'skips 2 major releases'],
  ])('from %s to %s: %s', (from, to, reason) => {
    expect(versionRefusal(from, to, [to])?.reason).toContain(reason)
  })

  it('may skip releases if the repositories of the host have none between, as with a new distribution', () => {
    expect(versionRefusal('20.10.24', '26.1.5', ['26.1.5', '20.10.24'])?.isOnlyWay).toBe(true)
    expect(versionRefusal('20.10.24', '26.1.5', ['26.1.5', '24.0.7', '20.10.24'])?.isOnlyWay).toBe(false)
    expect(versionRefusal('26.1.5', '20.10.24', ['26.1.5', '20.10.24'])?.isOnlyWay).toBe(false)
  })
})
