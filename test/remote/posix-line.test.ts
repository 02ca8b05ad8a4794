import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { quote } from '../../src/remote/command.ts'
import { posixLine } from '../../src/remote/posix-line.ts'

describe('the line for a login shell', () => {
  it('stays readable where the script is plain', () => {
    expect(posixLine('exec docker ps -a')).toBe("exec /bin/sh -c 'exec docker ps -a'")
  })

  it('puts what is special in the quotes of any shell outside of them', () => {
    expect(posixLine("a'b\\c!")).toBe(`exec /bin/sh -c 'a'\\''b'\\\\'c'\\!''`)
  })

  it.each(['two\nlines', 'größe', '\u0001', 'tab\t'])('has printable ASCII only: %j', script => {
    expect(posixLine(script)).toMatch(/^[\x20-\x7e]+$/)
  })

  it('gives the script no arguments, and the name of the shell', () => {
    const script = `echo "$# $0"\nprintf %s ${quote('\\n\\0101 %s')}`
    const output = execFileSync('/bin/sh', ['-c', posixLine(script)], { encoding: 'utf8' })
    expect(output).toBe('0 /bin/sh\n\\n\\0101 %s')
  })
})
