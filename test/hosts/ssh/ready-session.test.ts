import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { awaitingLine, newWord, ReadySession } from '../../../src/hosts/ssh/ready-session.ts'

/** What a shell that waits for its line makes of an input. */
async function answerTo(input: string, word: string) {
  const shell = spawn('sh', ['-c', awaitingLine(word)])
  const outputs = ['', '']
  for (const [index, stream] of [shell.stdout, shell.stderr].entries())
    stream.on('data', chunk => {
      outputs[index] += chunk
    })
  shell.stdin.end(input)
  const [code] = await once(shell, 'close')
  return { code, stdout: outputs[0], stderr: outputs[1] }
}

describe('a shell that waits for its line', () => {
  const word = newWord()
  const given = (line: string, rest = '') => answerTo(`${line}\n${word}\n${rest}`, word)

  it('becomes what the line says, and leaves the rest of its input to that', async () => {
    expect(await given('exec cat', 'one\ntwo\\n\n  three')).toEqual({
      code: 0,
      stdout: 'one\ntwo\\n\n  three',
      stderr: '',
    })
  })

  it('takes every byte of the line, also where it has several', async () => {
    const text = `a  b\n\n\t'q' "d" \\n $HOME \`x\` *\n`
    const quoted = `'${text.replaceAll("'", "'\\''")}'`
    expect((await given(`exec printf %s ${quoted}`)).stdout).toBe(text)
  })

  it.each([
    ['exit 3', 3],
    ['false', 1],
    ['exec sh -c "exit 7"', 7],
    ['exec no-such-program', 127],
  ])('ends as the line does: %s', async (line, code) => {
    expect((await given(line)).code).toBe(code)
  })

  it('leaves nothing of its own to the line', async () => {
    expect((await given('set | grep belt_ || echo nothing')).stdout).toBe('nothing\n')
  })

  it('runs nothing when its input ends before the word', async () => {
    expect((await answerTo('echo run\n', word)).stdout).toBe('')
    expect((await answerTo('', word)).stdout).toBe('')
  })
})

describe('a ready session', () => {
  it('takes no line that is read for longer than a session takes to begin', () => {
    expect(ReadySession.takes('true')).toBe(true)
    expect(ReadySession.takes(`echo ${'x'.repeat(5000)}`)).toBe(false)
  })
})
