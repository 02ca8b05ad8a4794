import { describe, expect, it } from 'vitest'
import { pollUntil } from '../../src/waits/poll-until.ts'

const NOW = { deadlineMs: 60_000, everyMs: 0 }
const tooSmall = (value: number) => (value < 3 ? `${value} is too small` : undefined)

function counter() {
  let value = 0
  return async () => {
    value += 1
    return value
  }
}

describe('pollUntil', () => {
  it('reads until nothing is missing, and says before what was', async () => {
    const waits: string[] = []
    const onWait = (missing: string) => void waits.push(missing)
    expect(await pollUntil(counter(), tooSmall, { ...NOW, onWait })).toBe(3)
    expect(waits).toEqual(['1 is too small', '2 is too small'])
  })

  it('returns the last value at the deadline', async () => {
    expect(await pollUntil(counter(), tooSmall, { deadlineMs: 0, everyMs: 0 })).toBe(1)
  })

  it('throws when the last read failed, and returns no value of before', async () => {
    const read = async () => {
      throw new Error('no answer')
    }
    await expect(pollUntil(read, tooSmall, { deadlineMs: 0, everyMs: 0 })).rejects.toThrow('no answer')
  })

  it('tries a read that failed again by default', async () => {
    const failingOnce = () => {
      const count = counter()
      return async () => {
        if ((await count()) === 1) throw new Error('no answer')
        return 3
      }
    }
    expect(await pollUntil(failingOnce(), tooSmall, NOW)).toBe(3)
    await expect(pollUntil(failingOnce(), tooSmall, { ...NOW, retryReads: false })).rejects.toThrow(
      'no answer',
    )
  })

  it('ends with the reason of the signal', async () => {
    const signal = AbortSignal.abort(new Error('interrupted'))
    await expect(pollUntil(counter(), tooSmall, { ...NOW, signal })).rejects.toThrow('interrupted')
  })
})
