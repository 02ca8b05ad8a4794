import { describe, expect, it } from 'vitest'
import { receive } from '../../src/hosts/receive.ts'
import { command } from '../../src/remote/command.ts'
import { FakeHost } from '../support/fake-host.ts'
import { Sink } from '../support/sink.ts'

describe('receive', () => {
  it('hands on what a command prints, and ends it', async () => {
    const output = new Sink()
    await receive(new FakeHost('mg1', () => ({ stdout: 'content' })), command('cat', 'file'), output)
    expect([output.text, output.writableEnded]).toEqual(['content', true])
  })

  it('keeps the beginning of what a command that fails says, however much that is', async () => {
    const host = new FakeHost('mg1', () => ({ code: 1, stderr: 'x'.repeat(1024 ** 2) }))
    await expect(receive(host, command('cat', 'file'), new Sink())).rejects.toMatchObject({
      result: { code: 1, stderr: 'x'.repeat(64 * 1024), truncated: true },
    })
  })
})
