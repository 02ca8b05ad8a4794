import type { EngineCommand } from './command.ts'
import { EngineObject } from './engine-json.ts'

/** A request to a host's Docker Engine. */
export interface EngineRequest {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  /** Sent as JSON. */
  readonly body?: unknown
}

/** The command that makes a request to the host's own engine. */
export function engineRequest(method: EngineRequest['method'], path: string, body?: unknown): EngineCommand {
  const engine = body === undefined ? { method, path } : { method, path, body }
  return { engine, journaled: method !== 'GET' }
}

/**
 * A request as the engine reads it. HTTP/1.0, so that the answer is neither chunked nor kept alive. The sender must keep
 * its direction open: the engine takes the end of input for a hang-up and cancels the request.
 */
export function httpRequest({ method, path, body }: EngineRequest): string {
  const json = body === undefined ? '' : JSON.stringify(body)
  const head = [
    `${method} ${path} HTTP/1.0`,
    'Host: docker',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(json)}`,
  ]
  return `${head.join('\r\n')}\r\n\r\n${json}`
}

export interface EngineResponse {
  readonly status: number
  /** The clock of the host; undefined if the answer does not say. */
  readonly date: Date | undefined
  readonly body: string
}

/** Reads the answer to an engine request; undefined if it is not an HTTP answer. */
export function parseEngineResponse(stdout: string): EngineResponse | undefined {
  const head = /^HTTP\/1\.[01] (\d{3})[^\r\n]*\r?\n/.exec(stdout)
  if (!head?.[1]) return undefined
  const bodyStart = /\r?\n\r?\n/.exec(stdout)
  const date = /^Date: (.+?)\r?$/im.exec(stdout.slice(0, bodyStart?.index))?.[1]
  return {
    status: Number(head[1]),
    date: date === undefined || Number.isNaN(Date.parse(date)) ? undefined : new Date(date),
    body: bodyStart ? stdout.slice(bodyStart.index + bodyStart[0].length) : '',
  }
}

/** The reason in a refusal of the engine: its `message`, or else the whole body. */
export function refusalOf(response: EngineResponse): string {
  try {
    return EngineObject.read(response.body).text('message') || response.body.trim()
  } catch {
    return response.body.trim()
  }
}

/** Why the engine refused a request; undefined if it did not. */
export function refusalIn(stdout: string): string | undefined {
  const response = parseEngineResponse(stdout)
  if (!response) return 'the engine gave no answer'
  return response.status < 300 ? undefined : refusalOf(response)
}
