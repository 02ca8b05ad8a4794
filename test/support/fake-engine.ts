import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** An answer of the engine: JSON with a status, lines of a stream, silence, or a cut connection. */
export type EngineReply =
  | { readonly status: number; readonly json: unknown }
  | { readonly lines: readonly unknown[]; readonly thenCut?: boolean }
  | 'silence'
  | 'cut'

/** A Docker Engine that says what it is told to say, by method and path such as `GET /images/x/json`. */
export class FakeEngine {
  readonly requests: string[] = []
  readonly host: string
  readonly #folder = mkdtempSync(join(tmpdir(), 'belt-engine-'))
  readonly #server: Server
  readonly #replies = new Map<string, EngineReply>()

  private constructor() {
    this.host = `unix://${join(this.#folder, 'docker.sock')}`
    this.#server = createServer((request, response) => {
      const call = `${request.method} ${request.url?.split('?')[0]}`
      this.requests.push(call)
      // As a real engine does: a client that still sends would lose its connection.
      request.resume().once('end', () => this.#answer(call, response))
    })
  }

  #answer(call: string, response: ServerResponse): void {
    const reply = this.#replies.get(call) ?? { status: 404, json: { message: `no such thing: ${call}` } }
    if (reply === 'silence') return
    if (reply === 'cut') response.destroy()
    else if ('lines' in reply) {
      response.writeHead(200)
      response.write(reply.lines.map(line => `${JSON.stringify(line)}\r\n`).join(''))
      if (reply.thenCut) setTimeout(() => response.destroy(), 50)
      else response.end()
    } else {
      response.writeHead(reply.status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(reply.json))
    }
  }

  static async start(): Promise<FakeEngine> {
    const engine = new FakeEngine()
    engine.#server.listen(join(engine.#folder, 'docker.sock'))
    await once(engine.#server, 'listening')
    return engine
  }

  on(call: string, reply: EngineReply): this {
    this.#replies.set(call, reply)
    return this
  }

  stop(): void {
    this.#server.closeAllConnections()
    this.#server.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
