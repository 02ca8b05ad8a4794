import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { FrontCall } from '../../../../src/hosts/agent/protocol/calls.ts'
import { Kind, unpack } from '../../../../src/hosts/agent/protocol/frames.ts'
import { Pool } from '../../../../src/hosts/agent/server/pool.ts'
import { ServedCall } from '../../../../src/hosts/agent/server/served-call.ts'
import { type Fronts, serveFront } from '../../../../src/hosts/agent/server/served-front.ts'
import { HostError } from '../../../../src/hosts/errors.ts'
import type { HostAddress } from '../../../../src/hosts/host.ts'
import { KnownHosts } from '../../../../src/hosts/known-hosts/known-hosts.ts'
import { command } from '../../../../src/remote/command.ts'
import { LocalHost } from '../../../support/local-host.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const node1: HostAddress = { name: 'node1', address: '192.0.2.1', port: 22, user: 'root', fresh: false }
const call: FrontCall = {
  what: 'front',
  version: '1.2.3',
  argv: ['docker', 'ps'],
  cwd: '/',
  environment: {},
  isTerminal: false,
}
const fronts: Fronts = {
  understand: async ({ argv }) => ({ host: 'node1', command: command(...argv) }),
  tell: error => ({ text: `told: ${(error as Error).message}`, code: 9 }),
}

describe('a command that a front was told', () => {
  let host: LocalHost
  let pool: Pool
  let frames: { kind: Kind; text: string }[]

  beforeEach(async () => {
    const programs = await temporaryFolder({ docker: '#!/bin/sh\necho "out $*"; exec cat\n' })
    await chmod(join(programs, 'docker'), 0o755)
    host = new LocalHost('node1', programs)
    const knownHosts = new KnownHosts(join(programs, 'known_hosts'))
    pool = new Pool({ open: () => host, knownHosts, idleMs: 60_000, onEmpty: () => {} })
    onTestFinished(() => pool.close())
    frames = []
  })

  function served(): ServedCall {
    return new ServedCall((kind, payload) => {
      frames.push({ kind, text: Buffer.from(payload ?? []).toString() })
    })
  }

  async function connect(): Promise<void> {
    await pool.use(node1, async () => {})
  }

  it('runs on the host with the input of the front', async () => {
    await connect()
    const servedCall = served()
    servedCall.receive({ kind: Kind.data, call: 1, payload: Buffer.from('in') })
    servedCall.receive({ kind: Kind.end, call: 1, payload: Buffer.alloc(0) })
    const result = await serveFront(call, servedCall, { pool, fronts })
    expect(unpack(result)).toEqual({ value: { code: 0 }, rest: Buffer.alloc(0) })
    const [first, ...outputs] = frames.filter(({ kind }) => kind !== Kind.dataCredit)
    expect(first?.kind).toBe(Kind.started)
    expect(outputs.map(({ text }) => text).join('')).toBe('out ps\nin')
  })

  it.each<[string, Partial<Fronts> | undefined]>([
    ['the agent serves no fronts', undefined],
    ['it is none of this agent', { understand: async () => undefined }],
    [
      'it is for a host without a connection',
      { understand: async () => ({ host: 'node2', command: command() }) },
    ],
    ['it cannot be understood', { understand: () => Promise.reject(new Error('no cluster')) }],
  ])('is refused when %s', async (_why, other) => {
    await connect()
    const answer = serveFront(call, served(), { pool, fronts: other && { ...fronts, ...other } })
    await expect(answer).rejects.toThrow()
    expect(frames).toEqual([])
  })

  it('is refused when the host was not reached', async () => {
    await connect()
    host.down = new HostError('refused', 'node1', 'nothing listens')
    await expect(serveFront(call, served(), { pool, fronts })).rejects.toMatchObject({ code: 'host-refused' })
  })

  it.each([
    ['before it was seen to run', { down: new HostError('lost', 'node1', 'lost it') }],
    ['while it ran', { failure: new HostError('refused', 'node1', 'lost it') }],
  ])('is told to have failed %s', async (_when, failing) => {
    await connect()
    Object.assign(host, failing)
    const servedCall = served()
    servedCall.receive({ kind: Kind.end, call: 1, payload: Buffer.alloc(0) })
    const { value, rest } = unpack(await serveFront(call, servedCall, { pool, fronts }))
    expect({ value, text: rest.toString() }).toEqual({ value: { code: 9 }, text: 'told: lost it' })
  })
})
