import { connect } from 'node:net'
import { WireReader } from '../wire-reader.ts'

const ANSWER_MS = 5_000
const MAX_ANSWER_BYTES = 256 * 1024
/** SSH_AGENTC_REQUEST_IDENTITIES, and its length. */
const QUESTION = Buffer.from([0, 0, 0, 1, 11])
const IDENTITIES_ANSWER = 12

/** A key of an SSH agent. */
export interface HeldKey {
  readonly blob: Buffer
  readonly comment: string
}

/**
 * All keys of an agent, also those that ssh2 cannot use and leaves out.
 * @returns undefined if no agent answers within 5 s
 */
export function heldKeys(socketPath: string): Promise<HeldKey[] | undefined> {
  return new Promise(resolve => {
    const socket = connect(socketPath)
    const end = (keys?: HeldKey[]) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(keys)
    }
    const timer = setTimeout(end, ANSWER_MS)
    let answer = Buffer.alloc(0)
    socket.on('connect', () => socket.write(QUESTION))
    socket.on('error', () => end())
    socket.on('close', () => end())
    socket.on('data', chunk => {
      answer = Buffer.concat([answer, chunk])
      if (answer.length > MAX_ANSWER_BYTES) end()
      else if (answer.length >= 4 && answer.length >= 4 + answer.readUInt32BE(0)) end(keysIn(answer))
    })
  })
}

function keysIn(answer: Buffer): HeldKey[] | undefined {
  if (answer[4] !== IDENTITIES_ANSWER) return undefined
  try {
    const reader = new WireReader(answer, 5)
    return Array.from({ length: Math.min(reader.uint32(), MAX_ANSWER_BYTES) }, () => ({
      blob: reader.string(),
      comment: reader.string().toString('utf8'),
    }))
  } catch {
    return undefined
  }
}
