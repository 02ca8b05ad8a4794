import { pipeline } from 'node:stream/promises'
import { Spool } from '../../spool.ts'

/** Reads standard input to its end, so that each host can read all of it at its own pace. */
export async function spoolStdin(signal: AbortSignal): Promise<Spool> {
  const spool = await Spool.open()
  await pipeline(process.stdin, spool.write(), { signal })
  return spool
}
