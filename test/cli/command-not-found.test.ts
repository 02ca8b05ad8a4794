import { resolve } from 'node:path'
import { Config } from '@oclif/core'
import { describe, expect, it } from 'vitest'
import commandNotFound from '../../src/cli/command-not-found.ts'
import { otherWords } from '../../src/cli/other-words.ts'

const config = await Config.load(resolve('.'))

/** What is said of a command that does not exist. */
async function hintFor(id: string): Promise<string> {
  const hook = commandNotFound as (options: object) => Promise<never>
  const { message, hint } = await hook({ id, config, argv: [] }).catch(error => error)
  return `${message}\n${hint}`
}

describe('a command that does not exist', () => {
  it.each([
    ['stop:node1', 'belt has no command stop\nuse belt shutdown NODES'],
    ['restart', 'use belt reboot NODES'],
    ['destroy', 'use belt rm NODES'],
    ['context', 'use belt use CLUSTER'],
    ['cluster:list', 'belt has no command cluster list\nuse belt cluster ls'],
    ['init', 'use belt swarm init'],
    ['creat', 'did you mean belt create?'],
    ['swarm:jion:mg0', 'did you mean belt swarm join?'],
    ['destory', 'did you mean belt rm NODES'],
  ])('%s is answered with what to type instead', async (id, words) => {
    expect(await hintFor(id)).toContain(words)
  })

  it('is not answered with a guess when nothing is near', async () => {
    expect(await hintFor('frobnicate')).toBe('belt has no command frobnicate\nbelt --help lists all commands')
  })

  it.each(Object.entries(otherWords))('%s leads to a command that exists', (word, use) => {
    expect(config.findCommand(word.replaceAll(' ', ':'))).toBeUndefined()
    const named = [...use.matchAll(/belt ([a-z]+)(?: ([a-z]+))?/g)]
    expect(named.length).toBeGreaterThan(0)
    for (const [, first = '', second = ''] of named)
      expect(config.findCommand(`${first}:${second}`) ?? config.findCommand(first)).toBeDefined()
  })
})
