import { PassThrough } from 'node:stream'
import type { ClientChannel } from 'ssh2'
import { describe, expect, it } from 'vitest'
import { attach, type FirstInput } from '../../../src/hosts/ssh/session-streams.ts'
import { Sink } from '../../support/sink.ts'

function attached(input: FirstInput): PassThrough {
  const channel = new PassThrough()
  const streams = { stdout: new Sink(), stderr: new Sink() }
  attach(
    { channel: channel as unknown as ClientChannel, stdout: channel, stderr: new PassThrough() },
    streams,
    () => {},
    input,
  )
  return channel
}

describe('the standard input of a program', () => {
  it('ends after the given input', () => {
    expect(attached({ bytes: 'a line' }).writableEnded).toBe(true)
  })

  it('ends at once if there is none', () => {
    expect(attached({}).writableEnded).toBe(true)
  })

  it('stays open for a peer that treats its end as a hang-up', () => {
    expect(attached({ bytes: 'GET / HTTP/1.0', staysOpen: true }).writableEnded).toBe(false)
  })
})
