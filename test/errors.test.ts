import { describe, expect, it } from 'vitest'
import { amended, BeltError, ExitCode, exitCodeAfterChange, precheckError } from '../src/errors.ts'

const CAUSE = precheckError('live-restore', 'it would not start again', {
  host: 'mg1',
  hint: 'set it to false',
  details: { hosts: ['mg1'] },
})

describe('an error that is told with other words', () => {
  it('keeps what is not said anew, and what it was', () => {
    const error = amended(CAUSE, 'it would not start again\nrenamed: mg1')
    expect(error).toMatchObject({
      code: 'live-restore',
      message: 'it would not start again\nrenamed: mg1',
      host: 'mg1',
      hint: 'set it to false',
      exitCode: ExitCode.precheck,
      details: { hosts: ['mg1'] },
      cause: CAUSE,
    })
    expect(amended(CAUSE, 'other', { exitCode: ExitCode.partial, hint: 'wait' })).toMatchObject({
      exitCode: ExitCode.partial,
      hint: 'wait',
    })
  })
})

describe('the exit code of a failure after a change', () => {
  it('is never the one that says that nothing was changed', () => {
    expect(exitCodeAfterChange(CAUSE)).toBe(ExitCode.failed)
    expect(exitCodeAfterChange(CAUSE, ExitCode.partial)).toBe(ExitCode.partial)
  })

  it('is that of the failure else', () => {
    const refusal = new BeltError('quorum', 'refused', { exitCode: ExitCode.quorum })
    expect(exitCodeAfterChange(refusal, ExitCode.partial)).toBe(ExitCode.quorum)
  })
})
