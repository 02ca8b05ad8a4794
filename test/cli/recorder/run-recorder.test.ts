import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { RunRecorder } from '../../../src/cli/recorder/run-recorder.ts'
import { readJournal } from '../../../src/config/journal.ts'
import type { Cluster } from '../../../src/config/workspace.ts'
import type { JournalEntry } from '../../../src/domain/journal-entry.ts'
import { BeltError } from '../../../src/errors.ts'
import { recordedHost } from '../../../src/hosts/journaled-host.ts'
import { Change, inContext } from '../../../src/record.ts'
import { command, reading } from '../../../src/remote/command.ts'
import { perform, type Step } from '../../../src/steps/step.ts'
import { FakeHost, type Reply } from '../../support/fake-host.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const SECRET = 'dop-like-secret-value'
const drain = command('docker', 'node', 'update', '--availability', 'drain', 'n1')

describe('the recorder of a run', () => {
  let folder: string
  let cluster: Cluster
  let notes: string[]
  let recorder: RunRecorder

  const record = (inFolder = folder) => {
    cluster = {
      name: 'prod',
      folder: join(inFolder, '.belt', 'prod'),
      configPath: join(inFolder, '.belt.yaml'),
    }
    return new RunRecorder({
      cluster,
      run: { line: 'belt swarm drain node1', command: 'swarm-drain', version: '1.2.3' },
      by: 'alice@laptop',
      secrets: [SECRET],
      warn: message => notes.push(message),
    })
  }
  const host = (reply: Reply = {}) => recordedHost(new FakeHost('mg0', () => reply), recorder)
  const logs = () => readdirSync(join(cluster.folder, 'log')).filter(name => name.endsWith('.log'))
  const log = () => readFileSync(join(cluster.folder, 'log', logs()[0] ?? ''), 'utf8')
  const step = (run: () => Promise<unknown>): Step => ({
    title: 'Set node1 to drain',
    changes: async () => [new Change('node1: active becomes drain', 'active', 'drain')],
    run: async () => void (await run()),
  })

  beforeEach(async () => {
    notes = []
    folder = await temporaryFolder()
    recorder = record()
  })

  it('leaves no file behind when nothing was contacted', () => {
    recorder.log('nothing')
    expect(recorder.failed(new BeltError('bad-config', 'no'))).toBeUndefined()
    recorder.ended(1)
    expect(() => logs()).toThrow('ENOENT')
  })

  it('journals a change with the title and the values of its step', async () => {
    await perform(step(() => host().run(drain)))
    const [entry, ...more] = await readJournal(cluster)
    expect(more).toEqual([])
    expect(entry).toEqual({
      at: expect.stringMatching(/^\d{4}-.*Z$/),
      run: expect.stringContaining(`-${process.pid}`),
      id: 1,
      by: 'alice@laptop',
      belt: 'belt swarm drain node1',
      host: 'mg0',
      what: 'Set node1 to drain',
      before: 'active',
      command: 'docker node update --availability drain n1',
      after: 'drain',
      result: 'ok',
      exitCode: 0,
      durationMs: expect.any(Number),
    })
  })

  it('claims nothing of what is after a failure', async () => {
    await perform(step(() => host({ code: 1, stderr: 'Error: no leader' }).run(drain)))
    const [entry] = await readJournal(cluster)
    expect(entry).toMatchObject({
      before: 'active',
      result: 'failed',
      exitCode: 1,
      error: 'Error: no leader',
    })
    expect(entry).not.toHaveProperty('after')
  })

  it('has a begun line on disk while the change runs', async () => {
    let seen: JournalEntry[] = []
    const slow = new FakeHost('mg0', async () => {
      seen = await readJournal(cluster)
      return {}
    })
    await recordedHost(slow, recorder).run(drain)
    expect(seen).toMatchObject([{ host: 'mg0', result: 'begun' }])
  })

  it('keeps steps apart that run at once', async () => {
    const joining = ['node1', 'node2', 'node3'].map(name =>
      inContext({ title: `Join ${name}`, changes: [`${name} joins`] }, async () => {
        await new Promise(setImmediate)
        await recordedHost(new FakeHost(name, () => ({})), recorder).run(command('join', name))
      }),
    )
    await Promise.all(joining)
    const entries = await readJournal(cluster)
    expect(entries.map(({ host, what, after }) => [host, what, after]).sort()).toEqual([
      ['node1', 'Join node1', 'node1 joins'],
      ['node2', 'Join node2', 'node2 joins'],
      ['node3', 'Join node3', 'node3 joins'],
    ])
  })

  it('keeps reads out of the journal, and in the log with what they answered', async () => {
    await host({ stdout: 'active\n', stderr: 'warning\n' }).run(reading('docker', 'info'))
    recorder.ended(0)
    expect(await readJournal(cluster)).toEqual([])
    expect(log()).toMatch(
      /^\S+ belt swarm drain node1\n\S+ belt 1\.2\.3, node v.*, alice@laptop\n\S+ #1 mg0: docker info\n\S+ #1 ok, exit code 0 after \d+ ms\n {4}stdout: active\n {4}stderr: warning\n\S+ exit code 0\n$/,
    )
  })

  it('keeps secrets out of both', async () => {
    const stderr = `SWMTKN-1-abc-def and ${SECRET}\nDB_PASSWORD=hunter22`
    await host({ code: 1, stdout: 'SWMKEY-1-xyz', stderr }).run(command('login', '--password', 'open sesame'))
    recorder.log(`got ${SECRET}`)
    recorder.failed(new BeltError('x', `failed with ${SECRET}`, { cause: new Error('token=SWMTKN-1-abc') }))
    const written = log() + JSON.stringify(await readJournal(cluster))
    for (const secret of ['abc', SECRET, 'hunter22', 'xyz', 'sesame']) expect(written).not.toContain(secret)
    expect(written).toContain('********')
  })

  it('tells where the log is when something failed, with stack and causes in it', async () => {
    await host().run(reading('true'))
    const cause = new TypeError('x is not a function')
    const path = recorder.failed(new BeltError('unexpected', 'it failed', { cause, hint: 'try again' }))
    expect(path).toBe(join(cluster.folder, 'log', logs()[0] ?? ''))
    expect(log()).toMatch(/failed: BeltError: it failed\n {4} +at /)
    expect(log()).toContain('[cause]: TypeError: x is not a function')
    expect(log()).toContain("hint: 'try again'")
  })

  it('tells the path as seen from the folder where Belt runs', async () => {
    const here = process.cwd()
    process.chdir(folder)
    try {
      await host().run(reading('true'))
      expect(recorder.failed(new Error('no'))).toBe(join('.belt', 'prod', 'log', logs()[0] ?? ''))
    } finally {
      process.chdir(here)
    }
  })

  it('breaks no work when it cannot write, and says so once', async () => {
    recorder = record(await temporaryFolder({ '.belt/prod': 'a file where a folder should be' }))
    expect((await host({ stdout: 'done' }).run(drain)).stdout).toBe('done')
    await host().run(drain)
    expect(recorder.failed(new Error('no'))).toBeUndefined()
    expect(notes).toHaveLength(1)
    expect(notes[0]).toMatch(/^warning: the journal and log in .*log are incomplete: /)
  })

  it('keeps the log folder out of version control', async () => {
    await host().run(drain)
    expect(readFileSync(join(folder, '.belt', '.gitignore'), 'utf8')).toMatch(/^log\/$/m)
  })
})
