import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Workplace } from '../support/belt.ts'
import { fakeHosts } from '../support/fake-ssh/hosts.ts'
import type { FakeSsh } from '../support/fake-ssh/server.ts'
import { until } from '../support/sshd.ts'

const HOSTS = 100

describe('what many hosts print', () => {
  const workplace = new Workplace()
  let fake: FakeSsh
  beforeAll(async () => {
    fake = await fakeHosts(workplace, HOSTS)
  })
  afterAll(async () => {
    await fake?.stop()
    workplace.remove()
  })

  /** What belt prints to a reader that begins when all hosts have begun, and is slow. */
  async function readLate(hosts: number, mode: string[], lines: number) {
    const begun = fake.commands + hosts
    const nodes = hosts === 1 ? 'node1' : `node[1:${hosts}]`
    const words = [resolve('bin/run.js'), 'exec', nodes, ...mode, '--', 'lines', String(lines)]
    const belt = spawn(process.execPath, words, { cwd: workplace.folder, env: workplace.env })
    const stderr = text(belt.stderr)
    const code = new Promise<number>(end => belt.on('close', end))
    await until(() => fake.commands === begun, 'all commands run', 60_000)
    return { stdout: await slowly(belt.stdout), stderr: await stderr, code: await code }
  }

  it.each([1_500, 10_000])('arrives line by line, none lost and none mixed: %d of each', async count => {
    const { stdout, stderr, code } = await readLate(HOSTS, ['--stream'], count)
    const printed = new Map<string, string[]>()
    for (const line of stdout.trimEnd().split('\n')) {
      const [name = '', number = ''] = line.split(': ')
      const known = printed.get(name) ?? []
      known.push(number)
      printed.set(name, known)
    }
    expect(printed.size).toBe(HOSTS)
    for (const lines of printed.values()) expect(lines).toEqual(numbers(count))
    expect(stderr).toContain(`${HOSTS} of ${HOSTS} succeeded`)
    expect(stderr).not.toContain('Warning')
    expect(code).toBe(0)
  })

  it('arrives in full from one host', async () => {
    const { stdout, code } = await readLate(1, [], 50_000)
    expect(stdout.trimEnd().split('\n')).toEqual(numbers(50_000))
    expect(code).toBe(0)
  })

  it('arrives as one document, as JSON prints it', async () => {
    const { stdout, code } = await readLate(HOSTS, ['--json'], 2_000)
    const document = JSON.parse(stdout)
    expect(stdout).toBe(`${JSON.stringify(document, undefined, 2)}\n`)
    const printed = `${numbers(2_000).join('\n')}\n`
    expect(document).toEqual({
      hosts: Array.from({ length: HOSTS }, (_, index) =>
        expect.objectContaining({ host: `node${index + 1}`, exitCode: 0, stdout: printed }),
      ),
      failed: [],
    })
    expect(code).toBe(0)
  })
})

function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index + 1))
}

/** Takes a piece only when the writer had the time to fill what lies between. */
async function slowly(stream: NodeJS.ReadableStream): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of stream) {
    pieces.push(piece as Buffer)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  return Buffer.concat(pieces).toString()
}
