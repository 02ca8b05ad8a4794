import { Readable } from 'node:stream'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import Exec from '../../src/commands/exec.ts'
import { HostError } from '../../src/hosts/errors.ts'
import { type ProcessStreams, stdio } from '../../src/ui/stdio.ts'
import { FakeDriver } from '../support/fake-driver.ts'
import { fakeFleet, remembered } from '../support/fake-fleet.ts'
import { FakeHost } from '../support/fake-host.ts'
import { commandsOn } from '../support/run-command.ts'
import { Sink } from '../support/sink.ts'

/** Two hosts whose commands end with these exit codes; one without a code does not answer. */
async function hosts(codes: Record<string, number | undefined>, failed?: string[]) {
  const lines: string[] = []
  const host = (name: string) => {
    const host = new FakeHost(name, line => {
      lines.push(`${name}: ${line}`)
      return { code: codes[name] ?? 0 }
    })
    if (codes[name] === undefined) host.down = new HostError('unreachable', name, 'no route to host')
    return host
  }
  const fleet = fakeFleet(new FakeDriver('prod').with('node1', 'node2'), host, {
    lastFailures: remembered<readonly string[]>(failed),
  })
  return { lines, fleet, ...(await commandsOn(fleet)) }
}

// What runs on one host reads the standard input of the process, which ends here.
beforeEach(() => {
  const streams = { stdin: Readable.from([]), stdout: new Sink(), stderr: new Sink() }
  vi.spyOn(stdio, 'passThrough').mockResolvedValue(streams as unknown as ProcessStreams)
  return () => void vi.restoreAllMocks()
})

describe('belt exec', () => {
  it.each([
    ['no command', [], 'no command is given'],
    ['nothing behind --', ['--'], 'no command is given'],
    ['both --shell and --', ['--shell', 'uptime', '--', 'uptime'], '--shell and -- cannot be combined'],
  ])('refuses %s', async (_, words, message) => {
    const { lines, run } = await hosts({ node1: 0 })
    await expect(run(Exec, 'node1', ...words)).rejects.toMatchObject({
      code: 'no-command',
      exitCode: 2,
      message,
    })
    expect(lines).toEqual([])
  })

  it('passes arguments without a shell, and a line to the shell', async () => {
    const { lines, run } = await hosts({ node1: 0 })
    await run(Exec, 'node1', '--', 'echo', '$HOME')
    await run(Exec, 'node1', '--shell', 'echo $HOME')
    expect(lines).toEqual(["node1: echo '$HOME'", 'node1: echo $HOME'])
  })

  it('exits with the code of the command on one host', async () => {
    const { run } = await hosts({ node1: 3 })
    expect((await run(Exec, 'node1', '--', 'false')).exitCode).toBe(3)
  })

  it.each([
    [0, 'all hosts succeed', { node1: 0, node2: 0 }],
    [4, 'a command fails on some', { node1: 0, node2: 7 }],
    [4, 'some do not answer', { node1: 0, node2: undefined }],
    [1, 'all fail', { node1: 7, node2: undefined }],
  ])('exits with %i if %s', async (exitCode, _, codes) => {
    const { run } = await hosts(codes)
    expect((await run(Exec, 'node[1:2]', '--gather', '--', 'uptime')).exitCode).toBe(exitCode)
  })

  it('runs on the hosts that failed last with @failed, and forgets one that succeeds', async () => {
    const { lines, fleet, run } = await hosts({ node1: 0, node2: 0 }, ['node2'])
    expect((await run(Exec, '@failed', '--', 'uptime')).exitCode).toBe(0)
    expect(lines).toEqual(['node2: uptime'])
    expect(await fleet.lastFailures.get()).toEqual([])
  })
})
