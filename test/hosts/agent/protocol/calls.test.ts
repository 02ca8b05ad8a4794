import { describe, expect, it } from 'vitest'
import { decodeCommand, encodeCommand } from '../../../../src/hosts/agent/protocol/calls.ts'
import type { Command } from '../../../../src/remote/command.ts'

/** What the agent runs when it is told of a command, over a wire that carries JSON. */
function heard(command: Command): Command {
  const { call, stdin } = encodeCommand(command)
  return decodeCommand(JSON.parse(JSON.stringify(call)), Buffer.from(stdin))
}

describe('what the agent is told of a command', () => {
  it.each<Command>([
    { argv: ['docker', 'ps', 'a b'] },
    { shell: 'echo $HOME' },
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
