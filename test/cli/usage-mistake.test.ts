import { Args, Flags, Parser } from '@oclif/core'
import { describe, expect, it } from 'vitest'
import { explainMistake } from '../../src/cli/usage-mistake.ts'
import type { BeltError } from '../../src/errors.ts'

const input = {
  args: { nodes: Args.string({ required: true }) },
  flags: {
    region: Flags.string(),
    timeout: Flags.string(),
    gather: Flags.boolean({ exclusive: ['stream'] }),
    stream: Flags.boolean(),
  },
}

/** What is said of a command line that the parser refuses. */
async function said(argv: string[], passesOn = false): Promise<BeltError> {
  const error = await Parser.parse(argv, input).then(
    () => expect.fail('the parser accepts it'),
    (error: Error) => error,
  )
  return explainMistake(error, { name: 'belt exec', flags: input.flags, passesOn }, argv) as BeltError
}

describe('a mistake in the command line', () => {
  it('with a flag that almost exists is answered with the flag', async () => {
    expect(await said(['node1', '--regoin', 'x'])).toMatchObject({
      code: 'no-such-flag',
      exitCode: 2,
      message: 'belt exec has no flag --regoin',
      hint: 'did you mean "--region"? belt exec --help explains all flags',
    })
  })

  it('with a command for hosts that lacks -- is answered with the whole line', async () => {
    const hint = 'put -- before the command: belt exec node1 -- uptime'
    expect(await said(['node1', 'uptime'], true)).toMatchObject({ code: 'unexpected-argument', hint })
    expect((await said(['--timeout', '5s', 'node[1:4]', 'ls', '-l', 'a b'], true)).hint).toBe(
      "put -- before the command: belt exec --timeout 5s 'node[1:4]' -- ls -l 'a b'",
    )
  })

  it('with a word too many names the word', async () => {
    expect(await said(['node1', 'uptime'])).toMatchObject({
      message: 'belt exec does not take uptime',
      hint: 'belt exec --help shows how to call it',
    })
  })

  it('with a word missing names the argument', async () => {
    expect(await said([])).toMatchObject({ code: 'missing-argument', message: 'belt exec needs NODES' })
  })

  it('with flags that exclude each other, or lack a value, is told in one line', async () => {
    expect((await said(['node1', '--gather', '--stream'])).message).not.toMatch(/\n|following error/)
    expect(await said(['node1', '--timeout'])).toMatchObject({
      code: 'bad-arguments',
      message: 'Flag --timeout expects a value',
    })
  })

  it('is told from any other error', () => {
    const other = new Error('no route to host')
    expect(explainMistake(other, { name: 'belt ls', flags: {}, passesOn: false }, [])).toBe(other)
  })
})
