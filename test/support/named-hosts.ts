import { commandLine } from '../../src/remote/command.ts'
import { restartEngineCommand } from '../../src/remote/engine-service.ts'
import { unlockCommand } from '../../src/remote/swarm-state.ts'
import { FakeHost, type Reply, withInput } from './fake-host.ts'
import type { FakeSwarm } from './fake-swarm.ts'

interface Names {
  live: string
  configured: string
  engine: string
}

/** Hosts that have names of their own beside those of their machines, and whose engines belong to a swarm. */
export class NamedHosts {
  readonly swarm: FakeSwarm
  readonly names = new Map<string, Names>()
  /** Hosts whose engines were restarted, in order. */
  readonly restarted: string[] = []
  /** Told of each restart, to have something happen. */
  onRestart: (name: string) => void = () => {}
  /** Hosts that cannot be renamed: the command ends well, and the name stays. */
  readonly stubborn = new Set<string>()
  /** Engines that do not take up a new name before they are restarted. */
  readonly forgetful = new Set<string>()
  readonly #hosts = new Map<string, FakeHost>()

  constructor(swarm: FakeSwarm) {
    this.swarm = swarm
  }

  host(name: string): FakeHost {
    const known = this.#hosts.get(name)
    if (known) return known
    const host = new FakeHost(name, (line, input, command) => {
      if (line.startsWith("printf 'live")) return this.#told(name)
      if (line === commandLine(restartEngineCommand)) return this.#restart(name)
      if (line === commandLine(unlockCommand(''))) return this.#unlock(name, input.toString())
      const renamed = /^else hostname (\S+);/m.exec(line)?.[1]
      return renamed ? this.#rename(name, renamed) : this.swarm.host(name).run(withInput(command, input))
    })
    this.#hosts.set(name, host)
    return host
  }

  /** Lets a host and its engine have another name than its machine. */
  call(name: string, other: string): void {
    this.names.set(name, { live: other, configured: other, engine: other })
  }

  #namesOf(name: string): Names {
    return this.names.get(name) ?? { live: name, configured: name, engine: name }
  }

  #told(name: string): Reply {
    const { live, configured, engine } = this.#namesOf(name)
    const lines = [
      `live ${live}`,
      `configured ${configured}`,
      `engine ${engine}`,
      'hosts',
      `127.0.1.1 ${live}`,
    ]
    return { stdout: `${lines.join('\n')}\n` }
  }

  #rename(name: string, renamed: string): Reply {
    if (this.stubborn.has(name)) return {}
    const engine = this.forgetful.has(name) ? this.#namesOf(name).engine : renamed
    this.names.set(name, { live: renamed, configured: renamed, engine })
    return {}
  }

  #restart(name: string): Reply {
    this.restarted.push(name)
    this.onRestart(name)
    this.names.set(name, { ...this.#namesOf(name), engine: this.#namesOf(name).live })
    if (this.swarm.autolock && this.swarm.node(name).role === 'manager')
      this.swarm.set(name, { state: 'locked' })
    return {}
  }

  #unlock(name: string, key: string): Reply {
    if (key !== 'SWMKEY-1-secret\n') return { code: 1, stderr: 'invalid key\n' }
    this.swarm.set(name, { state: 'active' })
    return {}
  }
}
