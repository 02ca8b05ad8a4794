import { describe, expect, it } from 'vitest'
import { userData } from '../../../src/drivers/ec2/user-data.ts'

const decoded = (...args: Parameters<typeof userData>) => Buffer.from(userData(...args), 'base64').toString()

describe('user data', () => {
  it('names each instance by its launch index', () => {
    const text = decoded(['node1', 'node7'], 'root', undefined)
    expect(text).toContain('{% set names = ["node1","node7"] %}')
    expect(text).toContain('hostname: {{ names[ds.meta_data.ami_launch_index | int] }}')
    expect(text).toMatch(/Content-Type: text\/jinja2.*\n\n## template: jinja\n#cloud-config\n/)
  })

  it("lets the image's user use Docker, and root in only when it is asked for", () => {
    expect(decoded(['a'], 'ubuntu', undefined)).toContain("usermod --append --groups docker 'ubuntu'")
    expect(decoded(['a'], 'ubuntu', undefined)).not.toContain('disable_root')
    expect(decoded(['a'], 'root', undefined)).toContain('disable_root: false')
    expect(decoded(['a'], 'root', undefined)).not.toContain('usermod')
  })

  it('hands on what the config says, unchanged and as the last part', () => {
    const ofConfig = '#cloud-config\npackages: [docker.io]\nwrite_files: [{path: /ü}]'
    expect(decoded(['a'], 'root', ofConfig)).toContain(`\n\n${ofConfig}\n--==belt==--\n`)
  })

  it('is refused when EC2 would not take it', () => {
    expect(() => userData(['a'], 'root', 'x'.repeat(16_384))).toThrow(
      expect.objectContaining({ code: 'user-data-too-long', exitCode: 2 }),
    )
    const names = Array.from({ length: 100 }, (_, i) => `${'n'.repeat(58)}-${i}`)
    expect(() => userData(names, 'root', 'x'.repeat(8_000))).not.toThrow()
  })
})
