import { describe, expect, it } from 'vitest'
import { runOften } from '../../src/cli/often.ts'

describe('a command that is called often', () => {
  it.each([
    ['another command', ['swarm', 'status']],
    ['no command', []],
    ['a word that every object knows', ['constructor']],
    ['help', ['exec', '--help']],
    ['help behind other words', ['ls', '--json', '--help']],
    ['help on docker itself', ['docker', '--help', '--', 'ps']],
  ])('is not %s', async (_what, words) => {
    const load = () => expect.fail('nothing is loaded')
    expect(await runOften(words, process.cwd(), load)).toBe(false)
  })
})
