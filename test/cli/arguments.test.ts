import { describe, expect, it } from 'vitest'
import { arrange, splitAtDashes } from '../../src/cli/arguments.ts'

describe('arrange', () => {
  it('moves flags in front of the command behind it', () => {
    expect(arrange(['--host', 'mg0', 'ls'])).toEqual(['ls', '--host', 'mg0'])
    expect(arrange(['--cluster=a', '--json', 'swarm', 'init'])).toEqual([
      'swarm',
      'init',
      '--cluster=a',
      '--json',
    ])
  })

  it('gives docker everything behind its name', () => {
    const words = ['service', 'create', '--help', '--host', 'x', '--version', '-q', '--json', '--', '']
    expect(arrange(['--host', 'node2', 'docker', ...words])).toEqual([
      'docker',
      '--host',
      'node2',
      '--',
      ...words,
    ])
    expect(arrange(['docker'])).toEqual(['docker', '--'])
  })

  it('gives ssh everything behind the host, as ssh does', () => {
    expect(arrange(['--cluster', 'a', 'ssh', 'node1', 'uname', '-a'])).toEqual([
      'ssh',
      '--cluster',
      'a',
      'node1',
      '--',
      'uname',
      '-a',
    ])
    expect(arrange(['ssh', '--debug', 'node1', '--timeout', '5s', 'ls', '--help'])).toEqual([
      'ssh',
      '--debug',
      'node1',
      '--timeout',
      '5s',
      '--',
      'ls',
      '--help',
    ])
    expect(arrange(['ssh', 'node1'])).toEqual(['ssh', 'node1'])
    expect(arrange(['ssh', 'node1', '--', 'ls'])).toEqual(['ssh', 'node1', '--', 'ls'])
    expect(arrange(['ssh', 'node1', '--help'])).toEqual(['ssh', 'node1', '--help'])
  })

  it('keeps what stands behind -- out of reach', () => {
    expect(arrange(['--yes', 'exec', 'node1', '--', 'ls', '--yes'])).toEqual([
      'exec',
      'node1',
      '--yes',
      '--',
      'ls',
      '--yes',
    ])
  })

  it('turns help into the flag of the command that it is about', () => {
    expect(arrange(['help'])).toEqual(['--help'])
    expect(arrange(['help', 'docker'])).toEqual(['docker', '--help'])
    expect(arrange(['help', 'swarm', 'join'])).toEqual(['swarm', 'join', '--help'])
  })

  it('leaves unknown flags where they are', () => {
    expect(arrange(['--help'])).toEqual(['--help'])
    expect(arrange(['--nonsense', 'ls'])).toEqual(['--nonsense', 'ls'])
  })
})

describe('splitAtDashes', () => {
  it('splits at the first --', () => {
    expect(splitAtDashes(['a', '--', 'b', '--', 'c'])).toEqual({ own: ['a'], passed: ['b', '--', 'c'] })
  })

  it('tells no -- from nothing behind it', () => {
    expect(splitAtDashes(['a']).passed).toBeUndefined()
    expect(splitAtDashes(['a', '--']).passed).toEqual([])
  })
})
