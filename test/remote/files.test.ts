import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { commandLine } from '../../src/remote/command.ts'
import {
  describeFileCommand,
  parseFileDescription,
  readFileCommand,
  writeFileLine,
} from '../../src/remote/files.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const sh = (line: string, input = '') => spawnSync('sh', ['-c', line], { input, encoding: 'utf8' })
const sum = (text: string) => createHash('sha256').update(text).digest('hex')

describe('the shell line that writes a file', () => {
  let folder: string
  let path: string
  beforeEach(async () => {
    folder = await temporaryFolder()
    path = join(folder, "it's -here")
    writeFileSync(path, 'old')
  })

  it('sets content, mode and owner', () => {
    const owner = execFileSync('id', ['-un'], { encoding: 'utf8' }).trim()
    const { status } = sh(writeFileLine({ path, size: 3, mode: 0o750, owner, sha256: sum('new') }), 'new')
    expect(status).toBe(0)
    expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual(['new', 0o750])
    expect(readdirSync(folder)).toEqual(["it's -here"])
  })

  it.each([
    ['is incomplete', 'ne', 'it arrived incomplete'],
    ['is different content of the same size', 'NEW', 'what arrived is not what was sent'],
  ])('keeps the old file if what arrives %s', (_what, input, reason) => {
    const { status, stderr } = sh(writeFileLine({ path, size: 3, mode: 0o600, sha256: sum('new') }), input)
    expect([status === 0, stderr.trim()]).toEqual([false, reason])
    expect(readFileSync(path, 'utf8')).toBe('old')
    expect(readdirSync(folder)).toEqual(["it's -here"])
  })

  it('keeps the old file if the owner does not exist', () => {
    const { status, stderr } = sh(writeFileLine({ path, size: 3, mode: 0o600, owner: 'nobody-here' }), 'new')
    expect(status).not.toBe(0)
    expect(stderr).toContain('nobody-here')
    expect([readFileSync(path, 'utf8'), readdirSync(folder)]).toEqual(['old', ["it's -here"]])
  })
})

describe('describeFileCommand', () => {
  it('prints the size and the mode of a file', async () => {
    const path = join(await temporaryFolder({ 'a b': '12345' }), 'a b')
    chmodSync(path, 0o640)
    const { stdout } = sh(commandLine(describeFileCommand(path)))
    expect(parseFileDescription(stdout)).toEqual({ size: 5, mode: 0o640 })
    expect(() => parseFileDescription('5\n')).toThrow('no size and mode')
  })

  it('rejects what is not a regular file', async () => {
    const folder = await temporaryFolder()
    mkdirSync(join(folder, 'd'))
    execFileSync('mkfifo', [join(folder, 'p')])
    const reason = (name: string) => sh(commandLine(describeFileCommand(join(folder, name)))).stderr
    expect(reason('d')).toContain('is a directory')
    expect(reason('p')).toContain('is no regular file')
    expect(reason('none')).toContain('No such file')
  })
})

describe('readFileCommand', () => {
  it('reads no more than the size that was described', async () => {
    const path = join(await temporaryFolder({ log: 'one\ntwo\n' }), 'log')
    expect(sh(commandLine(readFileCommand(path, 4))).stdout).toBe('one\n')
  })
})
