import { describe, expect, it } from 'vitest'
import { marked, markedOnTerminal } from '../../../src/hosts/ssh/remote-process.ts'

describe('the script of a command', () => {
  it('first marks its start on both outputs, with the process id', () => {
    const { script } = marked({ argv: ['echo', 'a b'] })
    expect(script).toMatch(/^echo (belt-[0-9a-f-]{36}) \$\$; echo \1 \$\$ >&2; exec echo 'a b'$/)
  })

  it('marks it once on a terminal, which has one output', () => {
    const { script } = markedOnTerminal({ argv: ['top'] })
    expect(script).toMatch(/^echo belt-[0-9a-f-]{36} \$\$; exec top$/)
  })

  it('has a word of its own for each command', () => {
    expect(marked({ argv: ['x'] }).script).not.toBe(marked({ argv: ['x'] }).script)
  })

  it('replaces the shell by the program, and leaves a shell line to the shell', () => {
    expect(marked({ argv: ['uptime'] }).script).toMatch(/; exec uptime$/)
    expect(marked({ shell: 'a | b' }).script).toMatch(/>&2; a \| b$/)
  })

  it.each([{ argv: ['docker', 'ps'] }, { shell: 'docker ps | wc -l' }])(
    'looks for docker where a shell finds it only after a login: %o',
    command => {
      expect(marked(command).script).toMatch(/ command -v docker >\/dev\/null \|\| PATH=\$PATH:\S+; /)
    },
  )

  it('leaves the PATH of other programs alone', () => {
    expect(marked({ argv: ['echo', 'docker'] }).script).not.toContain('PATH')
  })
})
