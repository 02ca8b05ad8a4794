import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { awaitingScript, newWord, ReadySession } from '../../../src/hosts/ssh/ready-session.ts'

/** What a shell that waits for its line makes of an input. */
async function answerTo(input: string, word: string) {
  const shell = spawn('sh', ['-c', awaitingScript(word)])
  const outputs = ['', '']
  for (const [index, stream] of [shell.stdout, shell.stderr].entries())
    stream.on('data', chunk => {
      outputs[index] += chunk
    })
  shell.stdin.end(input)
  const [code] = await once(shell, 'close')
  return { code, stdout: outputs[0], stderr: outputs[1] }
}

describe('a shell that waits for its command', () => {
  const word = newWord()
  const given = (line: string, rest = '') => answerTo(`${line}\n${word}\n${rest}`, word)

  it('becomes the command, and leaves the rest of its input to it', async () => {
    expect(await given('exec cat', 'one\ntwo\\n\n  three')).toEqual({
      code: 0,
      stdout: 'one\ntwo\\n\n  three',
      stderr: '',
    })
  })

  it('reads every byte of the command, even if it has several lines', async () => {
    const text = `a  b\n\n\t'q' "d" \\n $HOME \`x\` *\n`
    const quoted = `'${text.replaceAll("'", "'\\''")}'`
    expect((await given(`exec printf %s ${quoted}`)).stdout).toBe(text)
  })

  it.each([
    ['exit 3', 3],
    ['false', 1],
    ['exec sh -c "exit 7"', 7],
    ['exec no-such-program', 127],
  ])('exits with the code of the command: %s', async (line, code) => {
    expect((await given(line)).code).toBe(code)
  })

  it('leaves no variables behind for the command', async () => {
    expect((await given('set | grep belt_ || echo nothing')).stdout).toBe('nothing\n')
  })

  it('runs nothing if its input ends before the word', async () => {
    expect((await answerTo('echo run\n', word)).stdout).toBe('')
    expect((await answerTo('', word)).stdout).toBe('')
  })
})

describe('a ready session', () => {
  it('does not accept a command that takes longer to read than a new session takes to open', () => {
    expect(ReadySession.takes('true')).toBe(true)
    expect(ReadySession.takes(`echo ${'x'.repeat(5000)}`)).toBe(false)
  })
})
