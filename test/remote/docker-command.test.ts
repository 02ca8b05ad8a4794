import { describe, expect, it } from 'vitest'
import { dockerCommand } from '../../src/remote/docker-command.ts'

describe('a docker command', () => {
  it.each(['ps -a', 'node ls', 'service logs -f web', 'system df', 'stack services web'])(
    '%s only reads, and is not noted in the journal',
    line => {
      expect(dockerCommand(line.split(' '))).toEqual({
        argv: ['docker', ...line.split(' ')],
        needs: 'engine',
        journaled: false,
      })
    },
  )

  it.each([
    'run -it x',
    'node rm n',
    'service update web',
    'system prune',
    'node',
    '--context c ps',
    '',
    'network',
  ])('%s may change something, and is noted', line => {
    expect(dockerCommand(line.split(' ')).journaled).toBe(true)
  })
})
