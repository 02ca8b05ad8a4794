import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { ClientChannel } from 'ssh2'
import { describe, expect, it } from 'vitest'
import { MarkerFilter, StartMarker } from '../../../src/hosts/ssh/start-marker.ts'

describe('the marker of a start', () => {
  it.each([
    ['at once', ['word 12\nrest']],
    ['in pieces', ['wo', 'rd', ' 1', '2', '\n', 'rest']],
    ['byte by byte', [...'word 12\nrest']],
    ['from a terminal', ['word 12\r\nrest']],
    ['from a terminal, byte by byte', [...'word 12\r\nrest']],
  ])('is taken out when it comes %s', async (_how, chunks) => {
    const filter = new MarkerFilter('word', 'pass')
    expect(await passed(filter, chunks)).toBe('rest')
    expect(await filter.pid).toBe(12)
  })

  it('leaves what a shell says before and what a program says after, where that is for people', async () => {
    const filter = new MarkerFilter('word', 'pass')
    expect(await passed(filter, ['noise\nwor', 'ds wo', 'rd 7\nword 8\n'])).toBe('noise\nwords word 8\n')
    expect(await filter.pid).toBe(7)
  })

  it('drops what a shell says before, where the answer begins behind it', async () => {
    const filter = new MarkerFilter('word', 'drop')
    expect(await passed(filter, ['noise\nwor', 'ds wo', 'rd 7\nword 8\n'])).toBe('word 8\n')
    expect(filter.said).toBe('noise\nwords')
  })

  it('is found behind a shell that shows the line it runs', async () => {
    const filter = new MarkerFilter('word', 'drop')
    const shown = "+ exec /bin/sh -c 'echo word $$; echo word $$ >&2; exec true'\n"
    expect(await passed(filter, [`${shown}word 7\nanswer`])).toBe('answer')
    expect(await filter.pid).toBe(7)
  })

  it('does not hold back bytes that cannot belong to it', () => {
    const filter = new MarkerFilter('word', 'pass')
    filter.write('noise wo')
    expect(filter.read()?.toString()).toBe('noise ')
    filter.write('od')
    expect(filter.read()?.toString()).toBe('wood')
  })

  it('is not waited for once its number has more digits than a process id', () => {
    const filter = new MarkerFilter('word', 'pass')
    filter.write('word ')
    expect(filter.read()).toBeNull()
    filter.write('1'.repeat(64))
    expect(filter.read()?.length).toBe('word '.length + 64)
    expect(filter.hasMarker).toBe(false)
  })

  it.each([
    ['an rc file prints much', 'noise'],
    ['its number has no end', '1'],
  ])('costs as much time as the output is long, and no memory, where %s', async (_how, piece) => {
    const filter = new MarkerFilter('word', 'drop')
    const start = performance.now()
    filter.write('word ')
    for (let count = 0; count < 4_000; count++) filter.write(Buffer.alloc(32_768, piece))
    filter.end('word 7\nanswer')
    expect(await text(filter)).toBe('answer')
    expect(filter.said.length).toBeLessThan(4_096)
    expect(performance.now() - start).toBeLessThan(5_000)
  })

  it('loses nothing when the command ends without it', async () => {
    const filter = new MarkerFilter('word', 'pass')
    expect(await passed(filter, ['no such shell\nwor'])).toBe('no such shell\nwor')
    await expect(filter.pid).rejects.toThrow()
    expect(filter.said).toBe('no such shell\nwor')
  })

  it('tells the process id as soon as one of the outputs has it, and none when neither does', async () => {
    const some = new StartMarker('word')
    some.stderr.end()
    some.stdout.write('word 5\n')
    expect(await some.pid).toBe(5)
    const none = new StartMarker('word')
    for (const output of [none.stdout, none.stderr]) output.end('noise').resume()
    expect(await none.pid).toBeUndefined()
  })

  it('remembers how the channel was closed, also before anybody waits for that', async () => {
    const channel = Object.assign(new PassThrough(), { stderr: new PassThrough() })
    const marker = new StartMarker('word')
    marker.readFrom(channel as unknown as ClientChannel)
    channel.end('word 5\n')
    await marker.pid
    channel.emit('close', 3)
    expect(await marker.closed).toEqual([3])
  })
})

async function passed(filter: MarkerFilter, chunks: string[]): Promise<string> {
  for (const chunk of chunks) filter.write(chunk)
  filter.end()
  return text(filter)
}
