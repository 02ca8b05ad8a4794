import type { Reply } from './fake-host.ts'
import { answer } from './fake-services.ts'

interface Config {
  readonly id: string
  readonly name: string
  labels: Record<string, string>
  version: number
  updatedAt: Date
}

/** The configs of a swarm, as the engine's API tells of them. */
export class FakeConfigs {
  readonly #configs = new Map<string, Config>()
  #made = 0
  /** How far the managers' clock is ahead of ours, in milliseconds. */
  clockAheadMs = 0
  /** How far the clock of the manager that is asked is ahead of the leader's, which stamps. */
  askedAheadMs = 0

  /** The labels of a config; undefined when there is none of that name. */
  labelsOf(name: string): Record<string, string> | undefined {
    return this.#named(name)?.labels
  }

  /** What the managers would answer to a request; one for something else than configs is none of theirs. */
  answer(request: string): Reply {
    const [, method, path = '', query = ''] = /^(\w+) \/configs\/([^?\s]+)(\S*)/.exec(request) ?? []
    const body = JSON.parse(request.slice(request.indexOf('\r\n\r\n')).trim() || '{}') as {
      Name?: string
      Labels?: Record<string, string>
    }
    const reply = this.#answer(`${method}`, path, query, body)
    const date = new Date(this.#now().getTime() + this.askedAheadMs).toUTCString()
    return { stdout: String(reply.stdout ?? '').replace('\r\n', `\r\nDate: ${date}\r\n`) }
  }

  #answer(
    method: string,
    path: string,
    query: string,
    { Name = '', Labels = {} }: { Name?: string; Labels?: Record<string, string> },
  ): Reply {
    if (path === 'create') return this.#create(Name, Labels)
    const key = path.replace(/\/update$/, '')
    const config = this.#configs.get(key) ?? this.#named(key)
    if (!config) return answer(404, { message: `config ${key} not found` })
    if (method === 'GET') return answer(200, shown(config))
    if (method === 'DELETE') {
      this.#configs.delete(config.id)
      return answer(204, {})
    }
    if (query !== `?version=${config.version}`)
      return answer(500, { message: 'rpc error: code = Unknown desc = update out of sequence' })
    Object.assign(config, { labels: Labels, version: config.version + 1, updatedAt: this.#now() })
    return answer(200, {})
  }

  #create(name: string, labels: Record<string, string>): Reply {
    if (this.#named(name)) return answer(409, { message: `config ${name} already exists` })
    this.#made += 1
    const id = `config-${this.#made}`
    this.#configs.set(id, { id, name, labels, version: this.#made, updatedAt: this.#now() })
    return answer(201, { ID: id })
  }

  #named(name: string): Config | undefined {
    return [...this.#configs.values()].find(config => config.name === name)
  }

  #now(): Date {
    return new Date(Date.now() + this.clockAheadMs)
  }
}

function shown({ id, name, labels, version, updatedAt }: Config): object {
  return {
    ID: id,
    Version: { Index: version },
    UpdatedAt: updatedAt.toISOString(),
    Spec: { Name: name, Labels: labels },
  }
}
