import { afterEach, describe, expect, it, vi } from 'vitest'
import { BeltCommand } from '../../src/cli/base-command.ts'
import { Interruption } from '../../src/cli/interruption.ts'
import { BeltError, precheckError } from '../../src/errors.ts'
import { stdio } from '../../src/ui/stdio.ts'

const others = new Set(process.listeners('SIGINT'))

afterEach(() => {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    for (const listener of process.listeners(name)) if (!others.has(listener)) process.off(name, listener)
  process.exitCode = undefined
  vi.restoreAllMocks()
})

/** Ends an interrupted command with this error. @returns what it reports */
async function interruptedWith(error: Error): Promise<string> {
  const report = vi.spyOn(stdio, 'report').mockResolvedValue()
  class Interrupted extends BeltCommand {
    protected override readonly interruption = new Interruption()

    override async run() {
      this.interruption.listen()
      process.emit('SIGINT')
      throw error
    }
  }
  await Interrupted.run([], process.cwd())
  return report.mock.calls.map(([text]) => text).join('')
}

describe('an interrupted command', () => {
  it('does not blame the hosts that a check could no longer read', async () => {
    const text = await interruptedWith(
      precheckError('unreachable-nodes', 'node2 cannot be reached: interrupted on node2', {
        hint: 'start it',
      }),
    )
    expect(text).toBe('belt: interrupted; nothing was changed\n')
    expect(process.exitCode).toBe(130)
  })

  it('tells what it left when something was changed', async () => {
    const text = await interruptedWith(new BeltError('drain-incomplete', 'node2 stays drained'))
    expect(text).toContain('node2 stays drained')
    expect(process.exitCode).toBe(1)
  })
})
