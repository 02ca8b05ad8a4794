import { describe, expect, it } from 'vitest'
import type { Interruption, InterruptSignal } from '../../../src/cli/interruption.ts'
import { relaySignals } from '../../../src/cli/run/relay-signals.ts'

/** An interruption that tests press. */
function keyboard() {
  let take: ((name: InterruptSignal) => void) | undefined
  let handed = 0
  const interruption = {
    handNextTo(callback: (name: InterruptSignal) => void) {
      handed += 1
      take = callback
    },
  } as Interruption
  return { interruption, press: (name: InterruptSignal) => take?.(name), handed: () => handed }
}

describe('relaySignals', () => {
  it('sends the first signal to every command that runs, and lets none be begun after it', () => {
    const { interruption, press, handed } = keyboard()
    const { onStart, taken } = relaySignals(interruption)
    const sent: string[] = []
    onStart(name => sent.push(`one ${name}`))
    onStart(name => sent.push(`two ${name}`))
    expect([sent, taken.aborted]).toEqual([[], false])
    press('SIGINT')
    expect(sent).toEqual(['one INT', 'two INT'])
    expect(taken.aborted).toBe(true)
    expect(handed()).toBe(1)
  })

  it('forgets a command that has ended', () => {
    const { interruption, press } = keyboard()
    const { onStart } = relaySignals(interruption)
    const sent: string[] = []
    const ended = onStart(name => sent.push(`one ${name}`))
    onStart(name => sent.push(`two ${name}`))
    ended()
    press('SIGINT')
    expect(sent).toEqual(['two INT'])
  })

  it('sends it to a command that starts a moment later too, and leaves the next signal to Belt', () => {
    const { interruption, press, handed } = keyboard()
    const { onStart } = relaySignals(interruption)
    const sent: string[] = []
    onStart(() => {})
    press('SIGHUP')
    onStart(name => sent.push(name))
    expect(sent).toEqual(['TERM'])
    expect(handed()).toBe(1)
  })
})
