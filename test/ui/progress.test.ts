import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type ProgressDisplay, plainProgress } from '../../src/ui/progress.ts'
import { TerminalProgress } from '../../src/ui/terminal-progress.ts'
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

  it('says for how long, once it takes long, and what goes on meanwhile', () => {
    const out = new Sink()
    const now = vi.spyOn(performance, 'now').mockReturnValue(0)
    onTestFinished(() => now.mockRestore())
    const task = plainProgress(out, 10_000).start('Building the machine image')
    now.mockReturnValue(9_000)
    task.update('Step 1/9')
    now.mockReturnValue(65_000)
    task.update('Step 2/9')
    task.update('Step 3/9')
    now.mockReturnValue(70_000)
    task.done()
    expect(out.text.split('\n')).toEqual([
      'Building the machine image ...',
      'Building the machine image: Step 2/9, 1 min 5 s',
      'Building the machine image: done, 1 min 10 s',
      '',
    ])
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
  const settled = (progress: ProgressDisplay) => new Promise<void>(resolve => progress.write(resolve))
  const spinning = (out: Sink, title: string) =>
    until(() => /[\u2800-\u28ff]/.test(out.text) && out.text.includes(title), 'the spinner turns', 30_000)

  it('shows no spinner for work that is done at once', () => {
    const out = terminal()
    const task = new TerminalProgress(out).start('Creating machines', 2)
    task.step('a')
    task.step('b')
    task.done()
    expect(out.text).toBe('✔ Creating machines 2/2\n')
  })

  it('shows notes above the line of the work that runs', () => {
    const out = terminal()
    const progress = new TerminalProgress(out)
    const task = progress.start('Creating machines')
    progress.note('512mb is s-1vcpu-512mb-10gb')
    task.done()
    progress.note('later')
    expect(out.text).toBe('512mb is s-1vcpu-512mb-10gb\n✔ Creating machines\nlater\n')
  })

  it('shows work that follows on a line of its own, even if the spinner before it is still drawn', async () => {
    const out = terminal()
    const progress = new TerminalProgress(out)
    const first = progress.start('Draining mg1')
    await spinning(out, 'Draining mg1')
    first.done()
    const second = progress.start('mg1: reboot')
    progress.note('mg1 restarts')
    await until(() => /[\u2800-\u28ff] mg1: reboot/.test(out.text), 'the next spinner turns', 30_000)
    second.done()
    await settled(progress)
    expect(out.text).not.toContain('Draining mg1 mg1: reboot')
    expect(out.text).toMatch(/✔ Draining mg1(?: \(\d+ s\))?\nmg1 restarts\n(?:.|\n)*✔ mg1: reboot/)
  })

  it('says for how long work has been running', () => {
    const out = terminal()
    const now = vi.spyOn(performance, 'now').mockReturnValue(0)
    onTestFinished(() => now.mockRestore())
    const task = new TerminalProgress(out).start('Creating machines', 6)
    now.mockReturnValue(18_000)
    task.done()
    expect(out.text).toBe('✔ Creating machines 0/6 (18 s)\n')
  })

  it('says why work failed', () => {
    const out = terminal()
    new TerminalProgress(out).start('Waiting for SSH', 2).fail('no answer from node[1:2]')
    expect(out.text).toBe('✖ Waiting for SSH 0/2: no answer from node[1:2]\n')
  })

  it('writes nothing while a question is open, and everything in order afterwards', async () => {
    const out = terminal()
    const progress = new TerminalProgress(out)
    const task = progress.start('Waiting for SSH')
    await spinning(out, 'Waiting for SSH')
    await progress.hold(async () => {
      const before = out.text
      progress.note('node1 answers')
      task.done()
      await new Promise(setImmediate)
      expect(out.text).toBe(before)
    })
    await settled(progress)
    expect(out.text).toMatch(/node1 answers\n✔ Waiting for SSH(?: \(\d+ s\))?\n$/)
  })

  it('asks one question after the other', async () => {
    const progress = new TerminalProgress(terminal())
    const order: string[] = []
    const ask = (name: string) =>
      progress.hold(async () => {
        order.push(`${name}?`)
        await new Promise(setImmediate)
        order.push(`${name}!`)
      })
    await Promise.all([ask('a'), ask('b'), ask('c')])
    expect(order).toEqual(['a?', 'a!', 'b?', 'b!', 'c?', 'c!'])
  })

  it('shows work that was never ended as failed when the command stops', () => {
    const out = terminal()
    const progress = new TerminalProgress(out)
    const task = progress.start('Copying', 2)
    progress.stop()
    task.done()
    expect(out.text).toBe('✖ Copying 0/2\n')
  })
})
