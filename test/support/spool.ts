import { pipeline } from 'node:stream/promises'
import { onTestFinished } from 'vitest'
import { Spool } from '../../src/spool.ts'

/** A spool of these bytes, closed when the test is over. */
export async function spoolOf(bytes: Buffer): Promise<Spool> {
  const spool = await Spool.open()
  onTestFinished(() => spool.close())
  await pipeline([bytes], spool.write())
  return spool
}
