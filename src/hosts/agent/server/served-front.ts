import { precheckError } from '../../../errors.ts'
import type { ProcessCommand } from '../../../remote/command.ts'
import { mayHaveRun } from '../../errors.ts'
import { type FrontCall, spokenProcess } from '../protocol/calls.ts'
import { dataOf, errorFrom } from '../protocol/error-data.ts'
import { pack } from '../protocol/frames.ts'
import type { Pool } from './pool.ts'
import type { ServedCall } from './served-call.ts'

/** What it takes to answer a front besides the hosts. */
export interface Fronts {
  /** What a front's command line asks of which host; undefined when that is not for this agent to do. May reject then, too. */
  understand(call: FrontCall): Promise<{ host: string; command: ProcessCommand } | undefined>
  /** How a failure is told to the user of a front, and the exit code that it leads to. */
  tell(error: unknown, call: FrontCall): { text: string; code: number }
}

/**
 * Runs what a front was told, on a host whose connection is kept, and tells how it ended as the front is to pass it on.
 * @throws when nothing was begun, so that it is to be done in another way
 */
export async function serveFront(
  call: FrontCall,
  served: ServedCall,
  { pool, fronts }: { pool: Pool; fronts: Fronts | undefined },
): Promise<Buffer> {
  const asked = await fronts?.understand(call)
  const address = asked && pool.locate(asked.host)
  if (!fronts || !asked || !address) throw notForThisAgent()
  const stream = { what: 'stream', address, ...spokenProcess(asked.command).call, withInput: true } as const
  try {
    return await pool.use(address, host => served.onHost(host, stream, Buffer.alloc(0)))
  } catch (error) {
    if (!served.hasStarted && !mayHaveRun(error)) throw error
    const { text, code } = fronts.tell(errorFrom(dataOf(error, asked.host)), call)
    return pack({ code }, Buffer.from(text))
  }
}

function notForThisAgent(): Error {
  return precheckError('not-for-this-agent', "Belt's agent leaves this command to Belt itself")
}
