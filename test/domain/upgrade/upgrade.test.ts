import { describe, expect, it } from 'vitest'
import { parseUpgrade, type Upgrade, upgradeText } from '../../../src/domain/upgrade/upgrade.ts'

const KINDS: Upgrade[] = [
  { kind: 'size', size: '16gb' },
  { kind: 'engine', version: '28.5.2' },
  { kind: 'reboot' },
  { kind: 'command', line: 'apt-get -y dist-upgrade' },
]

describe('an upgrade as text', () => {
  it.each(KINDS)('is parsed back: $kind', upgrade => {
    expect(parseUpgrade(upgradeText(upgrade))).toEqual(upgrade)
  })

  it.each(['', 'size', 'size ', 'shrink 1gb', 'engine '])('cannot be "%s"', text => {
    expect(parseUpgrade(text)).toBeUndefined()
  })
})
