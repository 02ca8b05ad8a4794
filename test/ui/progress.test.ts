import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { plainProgress, terminalProgress } from '../../src/ui/progress.ts'
import { Sink } from '../support/sink.ts'
import { until } from '../support/sshd.ts'

describe('progress as plain lines', () => {
  it('is one line at the start and one at the end, however many items there are', () => {
    const out = new Sink()
    const task = plainProgress(out).start('Creating machines', 40)
    for (let n = 0; n < 40; n++) task.step(`node${n}`)
    task.done()
    expect(out.text).toBe('Creating machines (40) ...\nCreating machines: done 40/40\n')
  })

  it('tells now and then how far long work is', () => {
    const out = new Sink()
    const task = plainProgress(out, 0).start('Joining', 40)
    task.step('node1, 3.2 a second')
    task.done()
    expect(out.text).toBe('Joining (40) ...\nJoining: 1/40, node1, 3.2 a second\nJoining: done 1/40\n')
  })

  it('says how far it came and why it failed', () => {
    const out = new Sink()
    const task = plainProgress(out).start('Creating machines', 3)
    task.step('node1')
    task.fail('no room')
    expect(out.text).toContain('Creating machines: failed 1/3, no room\n')
  })
})

describe('progress on a terminal', () => {
  const terminal = () =>
    Object.assign(new Sink(), { isTTY: true, columns: 80 }) as unknown as NodeJS.WriteStream & Sink

  it('shows no spinner for work that is done at once', () => {
    const out = terminal()
    const task = terminalProgress(out).start('Creating machines', 2)
    task.step('a')
    task.step('b')
    task.done()
    expect(out.text).toBe('✔ Creating machines 2/2\n')
  })

  it('keeps notes until the work that runs is done', () => {
    const out = terminal()
    const progress = terminalProgress(out)
    const task = progress.start('Creating machines')
    progress.note('512mb is s-1vcpu-512mb-10gb')
    expect(out.text).toBe('')
    task.done()
    progress.note('later')
    expect(out.text).toBe('✔ Creating machines\n512mb is s-1vcpu-512mb-10gb\nlater\n')
  })

  it('shows work that follows on a line of its own, though the line before is still being drawn', async () => {
    const out = terminal()
    const progress = terminalProgress(out)
    const first = progress.start('Draining mg1')
    await until(() => out.text.includes('Draining mg1'), 'the spinner turns', 10_000)
    void first.done()
    const second = progress.start('mg1: reboot')
    progress.note('mg1 restarts')
    await until(() => out.text.includes('mg1: reboot'), 'the next spinner turns', 10_000)
    await second.done()
    expect(out.text).toContain('✔')
    expect(out.text).not.toContain('Draining mg1 mg1: reboot')
    await until(() => out.text.includes('mg1 restarts\n'), 'the note follows', 10_000)
  })

  it('tells why work failed', () => {
    const out = terminal()
    terminalProgress(out).start('Waiting for SSH', 2).fail('no answer from node[1:2]')
    expect(out.text).toBe('✖ Waiting for SSH 0/2: no answer from node[1:2]\n')
  })

  it('draws nothing any more once the end of the work is awaited', async () => {
    const out = terminal()
    const task = terminalProgress(out).start('Running uptime', 2)
    await until(() => out.text.includes('Running uptime'), 'the spinner is there')
    task.step('node1')
    await task.done()
    const drawn = out.text
    expect(drawn).toContain('Running uptime 1/2')
    await sleep(200)
    expect(out.text.slice(drawn.length)).not.toContain('Running uptime')
  })
})
