import { once } from 'node:events'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Inlet, Outlet, WINDOW_BYTES } from '../../../../src/hosts/agent/protocol/flow.ts'

describe('the two ends of a stream', () => {
  it('hand on every byte in order, whatever the size of the pieces', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 200_000 }), { maxLength: 12 }), async sizes => {
        const pieces = sizes.map((size, index) => Buffer.alloc(size, index + 1))
        const { outlet, inlet } = connected()
        const received = buffer(inlet)
        await pipeline(Readable.from(pieces), outlet)
        expect((await received).equals(Buffer.concat(pieces))).toBe(true)
      }),
      { numRuns: 30 },
    )
  })

  it('send at most the window while nobody reads', async () => {
    let sent = 0
    const outlet = new Outlet(chunk => {
      sent += chunk.length
    })
    let isWritten = false
    outlet.write(Buffer.alloc(WINDOW_BYTES + 1), () => {
      isWritten = true
    })
    await turn()
    expect([sent, isWritten]).toEqual([WINDOW_BYTES, false])
    outlet.grant(10)
    await turn()
    expect([sent, isWritten]).toEqual([WINDOW_BYTES + 1, true])
  })

  it('continue once the reader has read everything', async () => {
    const { outlet, inlet } = connected()
    outlet.end(Buffer.alloc(3 * WINDOW_BYTES))
    let taken = 0
    for await (const chunk of inlet) taken += (chunk as Buffer).length
    expect(taken).toBe(3 * WINDOW_BYTES)
    if (!outlet.writableFinished) await once(outlet, 'finish')
  })
})

function connected(): { outlet: Outlet; inlet: Inlet } {
  const inlet: Inlet = new Inlet(bytes => setImmediate(() => outlet.grant(bytes)))
  const outlet: Outlet = new Outlet(
    chunk => inlet.receive(Buffer.from(chunk)),
    () => inlet.end(),
  )
  return { outlet, inlet }
}

function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
