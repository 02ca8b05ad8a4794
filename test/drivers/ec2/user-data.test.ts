import { describe, expect, it } from 'vitest'
import { type FirstStart, instanceUserData } from '../../../src/drivers/ec2/user-data.ts'

const decoded = (names: string[], user: string, { userData, script }: Partial<FirstStart> = {}) =>
  Buffer.from(instanceUserData(names, user, { userData, script }), 'base64').toString()

describe('user data', () => {
  it('names each instance by its launch index', () => {
    const text = decoded(['node1', 'node7'], 'root')
    expect(text).toContain('{% set names = ["node1","node7"] %}')
    expect(text).toContain('hostname: {{ names[ds.meta_data.ami_launch_index | int] }}')
    expect(text).toMatch(/Content-Type: text\/jinja2.*\n\n## template: jinja\n#cloud-config\n/)
  })

  it("lets the image's user use Docker, and root in only when it is asked for", () => {
    expect(decoded(['a'], 'ubuntu')).toContain("usermod --append --groups docker 'ubuntu'")
    expect(decoded(['a'], 'ubuntu')).not.toContain('disable_root')
    expect(decoded(['a'], 'root')).toContain('disable_root: false')
    expect(decoded(['a'], 'root')).not.toContain('usermod')
  })

  it('hands on what the config says, unchanged and as the last part', () => {
    const ofConfig = '#cloud-config\npackages: [docker.io]\nwrite_files: [{path: /ü}]'
    expect(decoded(['a'], 'root', { userData: ofConfig })).toContain(`\n\n${ofConfig}\n--==belt==--\n`)
  })

  it('ends with the script of the create', () => {
    const text = decoded(['a'], 'root', { userData: '#cloud-config\n{}', script: '#!/bin/sh\ntrue' })
    expect(text).toMatch(
      /\{\}\n--==belt==\nContent-Type: text\/x-shellscript.*\n\n#!\/bin\/sh\ntrue\n--==belt==--/,
    )
  })

  it('takes MIME in the config apart', () => {
    const mime = 'Content-Type: multipart/mixed; boundary="b"\nMIME-Version: 1.0\n\n--b\n\n#!/bin/sh\n--b--\n'
    expect(decoded(['a'], 'root', { userData: mime })).toContain(`--==belt==\n${mime}`)
  })

  it('is refused when EC2 would not take it', () => {
    expect(() => instanceUserData(['a'], 'root', { userData: 'x'.repeat(16_384) })).toThrow(
      expect.objectContaining({ code: 'user-data-too-long', exitCode: 2 }),
    )
    const names = Array.from({ length: 100 }, (_, i) => `${'n'.repeat(58)}-${i}`)
    expect(() => instanceUserData(names, 'root', { userData: 'x'.repeat(8_000) })).not.toThrow()
  })
})
