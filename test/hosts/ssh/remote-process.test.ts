import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { Announcement, announced, remoteLine } from '../../../src/hosts/ssh/remote-process.ts'

describe('the announced process id', () => {
  it('is requested before the command', () => {
    const { line } = announced({ argv: ['echo', 'a b'] })
    expect(line).toMatch(/^printf '%s %s\\n' belt-[0-9a-f-]{36} "\$\$" >&2; exec echo 'a b'$/)
  })

  it('uses a different word for each command', () => {
    expect(announced({ argv: ['x'] }).line).not.toBe(announced({ argv: ['x'] }).line)
  })

  it.each([
    ['at once', ['word 12\nrest']],
    ['in pieces', ['wo', 'rd', ' 1', '2', '\n', 'rest']],
    ['byte by byte', [...'word 12\nrest']],
  ])('is taken out when it comes %s', async (_how, chunks) => {
    const announcement = new Announcement('word')
    expect(await passed(announcement, chunks)).toBe('rest')
    expect(await announcement.pid).toBe(12)
  })

  it('keeps what the shell prints before it and the program after it', async () => {
    const announcement = new Announcement('word')
    const chunks = ['noise\nwor', 'ds wo', 'rd 7\nword 8\n']
    expect(await passed(announcement, chunks)).toBe('noise\nwords word 8\n')
    expect(await announcement.pid).toBe(7)
  })

  it('does not delay bytes that cannot belong to it', async () => {
    const announcement = new Announcement('word')
    announcement.write('noise wo')
    expect(announcement.read()?.toString()).toBe('noise ')
    announcement.write('od')
    expect(announcement.read()?.toString()).toBe('wood')
  })

  it('loses nothing if the command ends without it', async () => {
    const announcement = new Announcement('word')
    expect(await passed(announcement, ['no such shell\nwor'])).toBe('no such shell\nwor')
    expect(await announcement.pid).toBeUndefined()
  })
})

describe('the line that a session runs', () => {
  it('replaces the shell with the program, and passes a shell line to the shell', () => {
    expect(remoteLine({ argv: ['docker', 'ps'] })).toBe('exec docker ps')
    expect(remoteLine({ shell: 'a | b' })).toBe('a | b')
  })
})

async function passed(announcement: Announcement, chunks: string[]): Promise<string> {
  for (const chunk of chunks) announcement.write(chunk)
  announcement.end()
  return text(announcement)
}
