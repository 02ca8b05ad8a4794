import { describe, expect, it } from 'vitest'
import { onlyReads } from '../../src/remote/reading-docker.ts'

describe('a docker command', () => {
  it.each(['ps -a', 'node ls', 'service logs -f web', 'system df', 'stack services web'])(
    '%s only reads',
    line => {
      expect(onlyReads(line.split(' '))).toBe(true)
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
  ])('%s may change something', line => {
    expect(onlyReads(line.split(' '))).toBe(false)
  })
})
