import type { Command } from './command.ts'

/**
 * A request to the host's own engine, spoken to its socket or over `docker system dial-stdio`: what is sent travels on
 * standard input, so that secrets in the body are in nobody's process list, and the client's version does not matter.
 * HTTP/1.0, so that the answer is neither chunked nor kept alive. Standard input stays open: the engine takes its
 * end for a hang-up and cancels the request.
 */
export function engineRequest(method: 'GET' | 'POST' | 'DELETE', path: string, body: unknown): Command {
  const json = JSON.stringify(body)
  const head = [
    `${method} ${path} HTTP/1.0`,
    'Host: docker',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(json)}`,
  ]
  return {
    run: ['docker', 'system', 'dial-stdio'],
    stdin: `${head.join('\r\n')}\r\n\r\n${json}`,
    keepStdinOpen: true,
    request: `${method} ${path}`,
    journaled: method !== 'GET',
  }
}

export interface EngineResponse {
  readonly status: number
  /** What the host's clock said; undefined when the answer does not tell. */
  readonly date: Date | undefined
  readonly body: string
}

/** Reads the answer to an `engineRequest`; undefined when it is no HTTP answer. */
export function parseEngineResponse(stdout: string): EngineResponse | undefined {
  const head = /^HTTP\/1\.[01] (\d{3})[^\r\n]*\r?\n/.exec(stdout)
  if (!head?.[1]) return undefined
  const bodyStart = /\r?\n\r?\n/.exec(stdout)
  const date = /^Date: (.+?)\r?$/im.exec(stdout.slice(0, bodyStart?.index))?.[1]
  return {
    status: Number(head[1]),
    date: date === undefined ? undefined : new Date(date),
    body: bodyStart ? stdout.slice(bodyStart.index + bodyStart[0].length) : '',
  }
}

/** The engine's own words in an answer that refuses: its `message`, or the body as it came. */
export function refusalOf(response: EngineResponse): string {
  try {
    const { message } = JSON.parse(response.body) as { message?: string }
    return message ?? response.body.trim()
  } catch {
    return response.body.trim()
  }
}

/** Why the engine did not do what was asked; undefined when it did, or when no request was made. */
export function refusalIn({ request }: Command, stdout: string): string | undefined {
  if (request === undefined) return undefined
  const response = parseEngineResponse(stdout)
  if (!response) return 'the engine gave no answer'
  return response.status < 300 ? undefined : refusalOf(response)
}
