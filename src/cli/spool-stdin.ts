import { pipeline } from 'node:stream/promises'
import { Spool } from '../spool.ts'

/** Reads Belt's standard input to its end, so that many hosts can read all of it, each at its own pace. */
export async function spoolStdin(signal: AbortSignal): Promise<Spool> {
  const spool = await Spool.open()
  await pipeline(process.stdin, spool.write(), { signal })
  return spool
}
