import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  encode,
  type Frame,
  FrameReader,
  Kind,
  pack,
  unpack,
} from '../../../../src/hosts/agent/protocol/frames.ts'

const frames = fc.array(
  fc.record({
    kind: fc.constantFrom(...Object.values(Kind)),
    call: fc.nat({ max: 0xffffffff }),
    payload: fc.uint8Array({ maxLength: 300 }).map(bytes => Buffer.from(bytes)),
  }),
  { maxLength: 20 },
)

describe('frames', () => {
  it('come out as they went in, wherever their bytes were cut', () => {
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (sent, sizes) => {
        const bytes = Buffer.concat(sent.flatMap(({ kind, call, payload }) => encode(kind, call, payload)))
        expect(readIn(bytes, sizes)).toEqual(sent)
      }),
    )
  })

  it('are refused when their bytes are something else', () => {
    expect(() => new FrameReader().read(Buffer.from('SSH-2.0-OpenSSH_9.2\r\n'))).toThrow('a frame of')
    expect(() => new FrameReader().read(Buffer.alloc(9, 0))).toThrow('a frame of kind 0')
  })

  it('carry a value, and bytes behind it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.uint8Array(), (value, bytes) => {
        const { value: same, rest } = unpack(pack(value, bytes))
        expect(same).toEqual(JSON.parse(JSON.stringify(value)))
        expect(rest.equals(bytes)).toBe(true)
      }),
    )
  })
})

function readIn(bytes: Buffer, sizes: readonly number[]): Frame[] {
  const reader = new FrameReader()
  const read: Frame[] = []
  let start = 0
  for (let turn = 0; start < bytes.length; turn++) {
    const end = start + (sizes[turn % sizes.length] ?? 1)
    read.push(...reader.read(bytes.subarray(start, end)))
    start = end
  }
  return read
}
