import { readdirSync } from 'node:fs'
import { buffer, text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { expect, it, onTestFinished, vi } from 'vitest'
import { Spool, withSpool } from '../src/spool.ts'
import { spoolOf } from './support/spool.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

it('gives what it keeps to each who reads, byte for byte', async () => {
  const bytes = Buffer.alloc(300_000, 'one two three')
  const spool = await spoolOf(bytes)
  const readers = Array.from({ length: 20 }, () => buffer(spool.read()))
  for (const read of await Promise.all(readers)) expect(read.equals(bytes)).toBe(true)
})

it('has no name that somebody could find it by, also after a death', async () => {
  const folder = await temporaryFolder()
  vi.stubEnv('TMPDIR', folder)
  onTestFinished(() => void vi.unstubAllEnvs())
  await withSpool(async spool => {
    expect(readdirSync(folder)).toEqual([])
    await pipeline(['secret'], spool.write())
    expect(readdirSync(folder)).toEqual([])
    expect(await text(spool.read())).toBe('secret')
  })
})

it('waits for nobody who has stopped reading', async () => {
  const spool = await Spool.open()
  await pipeline([Buffer.alloc(300_000)], spool.write())
  const reader = spool.read()
  for await (const _ of reader) break
  await spool.close()
})
