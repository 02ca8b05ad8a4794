import { describe, expect, it } from 'vitest'
import { command, commandLine, notedLine } from '../../src/remote/command.ts'
import { joinCommand } from '../../src/remote/swarm.ts'

describe('commandLine', () => {
  it('joins the quoted words of an argument vector', () => {
    expect(commandLine(command('docker', 'run', '-e', 'A=b c', '--name=x'))).toBe(
      "docker run -e 'A=b c' --name=x",
    )
  })

  it('leaves a shell line unchanged', () => {
    expect(commandLine({ shell: 'cd /tmp && ls *' })).toBe('cd /tmp && ls *')
  })

  it('shows the method and path of a request to the engine, but never its body', () => {
    const join = joinCommand({ token: 'SWMTKN-1-secret', managers: ['10.0.0.1:2377'] })
    for (const line of [commandLine(join), notedLine(join)])
      expect(line).toBe('docker system dial-stdio # POST /swarm/join')
  })
})
