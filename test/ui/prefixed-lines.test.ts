import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { prefixedLines } from '../../src/ui/prefixed-lines.ts'

async function written(chunks: (string | Buffer)[]): Promise<Buffer> {
  const target = new PassThrough()
  const lines = prefixedLines('mg1: ', target)
  for (const chunk of chunks) lines.write(chunk)
  lines.end()
  await once(lines, 'finish')
  target.end()
  return Buffer.concat(await target.toArray())
}

describe('prefixedLines', () => {
  it('leads each line with the prefix', async () => {
    expect((await written(['a\nb\n'])).toString()).toBe('mg1: a\nmg1: b\n')
  })

  it('waits for the end of a line that comes in pieces', async () => {
    expect((await written(['a', 'b', 'c\nd', 'e\n'])).toString()).toBe('mg1: abc\nmg1: de\n')
  })

  it('ends a last line that has no newline, and keeps empty lines', async () => {
    expect((await written(['a\n\nb'])).toString()).toBe('mg1: a\nmg1: \nmg1: b\n')
  })

  it('writes nothing where nothing came', async () => {
    expect((await written([])).length).toBe(0)
  })

  it('leaves the bytes of a line as they are', async () => {
    const bytes = Buffer.from([0xff, 0x00, 0xc3, 0x28, 0x0a])
    expect(await written([bytes.subarray(0, 2), bytes.subarray(2)])).toEqual(
      Buffer.concat([Buffer.from('mg1: '), bytes]),
    )
  })

  it('breaks a line of more than 64 KiB, and holds back no more than that', async () => {
    const target = new PassThrough({ highWaterMark: 1024 ** 2 })
    const lines = prefixedLines('mg1: ', target)
    for (let piece = 0; piece < 200; piece++) lines.write('x'.repeat(1000))
    const part = `mg1: ${'x'.repeat(64 * 1024)}\n`
    expect(String(target.read())).toBe(part.repeat(3))
    lines.end('\nshort\n')
    await once(lines, 'finish')
    expect(String(target.read())).toBe(`mg1: ${'x'.repeat(200_000 - 3 * 64 * 1024)}\nmg1: short\n`)
  })

  it('finds the lines of a chunk that are cut by it', async () => {
    const text = Array.from({ length: 100 }, (_, index) => `line ${index}\n`).join('')
    for (const size of [1, 7, 64, 1000]) {
      const chunks = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []
      expect((await written(chunks)).toString()).toBe(text.replaceAll('line', 'mg1: line'))
    }
  })

  it('waits for a slow reader with one listener for all hosts', async () => {
    const target = new PassThrough({ highWaterMark: 1 })
    const hosts = Array.from({ length: 20 }, (_, index) => prefixedLines(`node${index}: `, target))
    for (const lines of hosts) lines.write('one\n')
    expect(target.listenerCount('drain')).toBe(1)
    for (const lines of hosts) lines.end('two\n')
    const finished = Promise.all(hosts.map(lines => once(lines, 'finish')))
    const read = target.toArray()
    await finished
    target.end()
    expect(
      Buffer.concat(await read)
        .toString()
        .match(/^node\d+: (one|two)$/gm),
    ).toHaveLength(40)
  })

  it('never mixes the lines of two hosts', async () => {
    const target = new PassThrough()
    const [one, two] = [prefixedLines('a: ', target), prefixedLines('b: ', target)]
    for (const piece of ['x', 'y\n', 'z']) {
      one.write(piece)
      two.write(piece)
    }
    one.end()
    two.end()
    await Promise.all([once(one, 'finish'), once(two, 'finish')])
    target.end()
    const lines = Buffer.concat(await target.toArray())
      .toString()
      .trim()
      .split('\n')
    expect(lines.toSorted()).toEqual(['a: xy', 'a: z', 'b: xy', 'b: z'])
  })
})
