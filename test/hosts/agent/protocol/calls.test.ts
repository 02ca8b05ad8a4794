import { describe, expect, it } from 'vitest'
import { decodeCommand, encodeCommand } from '../../../../src/hosts/agent/protocol/calls.ts'
import type { Command } from '../../../../src/remote/command.ts'

/** The command that the agent decodes, after a round trip through JSON. */
function heard(command: Command): Command {
  const { call, stdin } = encodeCommand(command)
  return decodeCommand(JSON.parse(JSON.stringify(call)), Buffer.from(stdin))
}

describe('an encoded command', () => {
  it.each<Command>([
    { argv: ['docker', 'ps', 'a b'] },
    { shell: 'echo $HOME' },
    { shell: 'cat /etc/shadow', needs: 'root' },
    { argv: ['docker', 'info'], needs: 'engine' },
    { engine: { method: 'GET', path: '/nodes' } },
    { engine: { method: 'POST', path: '/swarm/join', body: { JoinToken: 'secret' } } },
  ])('is all of it: %o', command => {
    expect(heard(command)).toEqual(command)
  })

  it('is its standard input too, also where that is empty', () => {
    expect(heard({ argv: ['cat'], stdin: 'naïve' })).toEqual({ argv: ['cat'], stdin: Buffer.from('naïve') })
    expect(heard({ shell: 'cat', stdin: '' })).toEqual({ shell: 'cat', stdin: Buffer.alloc(0) })
  })
})
