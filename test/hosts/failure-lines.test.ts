import { describe, expect, it } from 'vitest'
import { BeltError } from '../../src/errors.ts'
import { denied } from '../../src/hosts/errors.ts'
import { failureLines, foldReasons, reasonWithoutHost } from '../../src/hosts/failure-lines.ts'

const failure = (host: string, error: BeltError) => ({ host, ok: false as const, error, durationMs: 1 })
const refused = (host: string, need: 'root' | 'engine') =>
  failure(host, denied({ name: host, user: 'ops', said: '' }, need))

describe('the lines of failures', () => {
  it('are the message of the only one', () => {
    expect(failureLines([refused('mg0', 'root')])).toEqual([
      'ops@mg0 may not become root (sudo -n): log in as root, or allow it',
    ])
    expect(failureLines([refused('mg0', 'engine')])).toEqual([
      'mg0: ops may not use the engine there: usermod -aG docker ops, or log in as root',
    ])
  })

  it('name equal causes once', () => {
    const other = failure('mg3', new BeltError('disk-full', 'mg3: no space left'))
    expect(failureLines([refused('mg0', 'root'), other, refused('mg1', 'root')])).toEqual([
      'mg0, mg1: ops may not become root (sudo -n): log in as root, or allow it',
      'mg3: no space left',
    ])
  })
})

it('a reason is the message without the name before it', () => {
  expect(reasonWithoutHost(new BeltError('x', 'mg1: no route to host'), 'mg1')).toBe('no route to host')
  expect(reasonWithoutHost(new BeltError('x', 'cannot reach mg1'), 'mg1')).toBe('cannot reach mg1')
})

const unreachable = (name: string) => ({
  name,
  kind: 'host-unreachable',
  reason: `cannot reach ${name} (root@10.0.0.${name.slice(4)}:22): no answer within 3.1 s`,
})

describe('why hosts failed', () => {
  it('is told once for all that failed alike', () => {
    const hosts = Array.from({ length: 20 }, (_, index) => unreachable(`node${index + 1}`))
    expect(foldReasons([...hosts, { name: 'mg0', kind: 'a worker', reason: 'a worker' }])).toEqual([
      'node[1:20]: such as: cannot reach node1 (root@10.0.0.1:22): no answer within 3.1 s',
      'mg0: a worker',
    ])
  })

  it('does not name a single host twice', () => {
    expect(foldReasons([{ name: 'm0', kind: 'engine-refused', reason: 'm0: permission denied' }])).toEqual([
      'm0: permission denied',
    ])
  })
})
