import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { exactArguments } from '../../src/cli/exact-arguments.ts'
import { fromBytes, toBytes } from '../../src/domain/byte-text.ts'

const STRAY = Buffer.from([0x61, 0xe9, 0xff])
const line =
  (...words: (string | Buffer)[]) =>
  () =>
    words.map(word => Buffer.from(word))

describe('the arguments of the command line', () => {
  it('are those of Node where it has replaced nothing', () => {
    const never = () => expect.fail('nothing has to be read')
    expect(exactArguments(['exec', 'größe'], never)).toEqual(['exec', 'größe'])
  })

  it('have the bytes that were given', () => {
    const [word = '', plain] = exactArguments([STRAY.toString(), 'ö'], line('node', 'run.js', STRAY, 'ö'))
    expect(toBytes(word).equals(STRAY)).toBe(true)
    expect(plain).toBe('ö')
  })

  it('may have the character itself', () => {
    expect(exactArguments(['a\ufffd'], line('node', 'run.js', 'a\ufffd'))).toEqual(['a\ufffd'])
  })

  it.each([
    ['nothing tells', line()],
    ['what tells is about something else', line('belt', 'other')],
  ])('are refused where %s', (_what, commandLine) => {
    expect(() => exactArguments([STRAY.toString()], commandLine)).toThrow(
      expect.objectContaining({ code: 'inexact-argument', exitCode: 2 }),
    )
  })

  it.runIf(process.platform === 'linux')('come from the process itself', () => {
    const script = `
      import { exactArguments } from './src/cli/exact-arguments.ts'
      import { toBytes } from './src/domain/byte-text.ts'
      process.stdout.write(exactArguments(process.argv.slice(1)).map(word => toBytes(word).toString('hex')).join())`
    // A shell, because Node itself starts processes with UTF-8 only.
    const shell = `exec '${process.execPath}' --import tsx --input-type module -e "$1" x "$(printf 'a\\351\\377')" 'ö'`
    const output = execFileSync('sh', ['-c', shell, 'sh', script], { encoding: 'utf8' })
    expect(output).toBe(['78', STRAY.toString('hex'), 'c3b6'].join())
    expect(fromBytes(STRAY)).not.toBe(STRAY.toString())
  })
})
