import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Inventory } from '../../src/domain/inventory.ts'
import { manifestOf } from './backup.ts'
import { certificate } from './fake-certificates.ts'
import type { Reply } from './fake-host.ts'
import type { FakeSwarm } from './fake-swarm.ts'
import { raftLog } from './raft-log.ts'

/** A `tar.gz` of a manager's state, as an engine leaves it. */
export function stateArchive(clusterId: string, nodeId: string, key: string): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'belt-state-'))
  const files = {
    'certificates/swarm-node.key': key,
    'certificates/swarm-node.crt': certificate(clusterId, 'manager', nodeId),
    'raft/wal-v3-encrypted/0.wal': 'log',
    'docker-state.json': '{}',
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, 'swarm', path)), { recursive: true })
    writeFileSync(join(folder, 'swarm', path), text)
  }
  const archive = execFileSync('tar', ['-C', folder, '-czf', '-', 'swarm'])
  rmSync(folder, { recursive: true })
  return archive
}

/** What the hosts of a `FakeSwarm` have of it on their disks, and what becomes of that. */
export class FakeDisks {
  readonly swarm: FakeSwarm
  /** How many decisions each manager has heard of. */
  readonly commits = new Map<string, number>()
  readonly addresses = new Map<string, string[]>()
  /** Where somebody listens, as `address:port`. */
  readonly listening = new Set<string>()
  contents: Inventory = manifestOf({}).contents
  /** What a copy of a state is answered with. */
  copy: (host: string, key: string) => Reply = () => ({ code: 1, stderr: 'tar: no space left\n' })
  /** What a state that is put on a host is answered with, where it is not taken. */
  refusal: Reply | undefined
  /** Hosts that reach nobody outside of their own network. */
  readonly cutOff = new Set<string>()
  /** What was put on a host, by name. */
  readonly put = new Map<string, Buffer>()
  /** Who is a node again in a new cluster, by itself. */
  returning: readonly string[] = []
  /** What was there before the first try of a restore that is not settled, by host. */
  readonly #replaced = new Map<string, string>()
  #puts = 0

  constructor(swarm: FakeSwarm) {
    this.swarm = swarm
    swarm.also = (name, line, input) => this.#answer(name, line, input)
  }

  #answer(name: string, line: string, input: Buffer): Reply | undefined {
    if (line.includes('IFS= read -r key')) return this.copy(name, input.toString().trim())
    if (line.includes('belt-restore')) return this.refusal ?? this.#taken(name, input)
    if (line.includes('belt-replaced')) return this.#settled(name)
    if (line.includes('--force-new-cluster')) return this.#forced(name)
    if (line.startsWith('if [ -d /run/systemd/system ]')) return this.#started(name)
    if (line.includes('gzip -1')) {
      const commit = this.commits.get(name) ?? 1
      return { stdout: gzipSync(raftLog([{ entry: { term: 1, index: commit } }, { commit }])) }
    }
    if (line.includes('ENCRYPTED PRIVATE KEY')) return { stdout: this.swarm.autolock ? 'locked\n' : 'open\n' }
    if (line.startsWith('docker service ls'))
      return this.swarm.leaderless ? NO_LEADER : { stdout: this.#listed() }
    if (line.includes('route flush default')) {
      this.cutOff.add(name)
      return {}
    }
    if (line === 'ip -4 route show default')
      return { stdout: `default via ${this.cutOff.has(name) ? '192.0.2.1' : '198.18.0.1'} dev eth0\n` }
    if (line.startsWith('ip -4'))
      return { stdout: (this.addresses.get(name) ?? []).map(ip => ` inet ${ip}/24`).join('\n') }
    if (line.startsWith('ip addr add')) {
      this.addresses.set(name, [...(this.addresses.get(name) ?? []), line.split(' ')[3]?.split('/')[0] ?? ''])
      return {}
    }
    const probed = /\/dev\/tcp\/([\d.]+)\/(\d+)/.exec(line)
    if (probed) return { stdout: this.listening.has(`${probed[1]}:${probed[2]}`) ? 'answers\n' : 'silent\n' }
    return undefined
  }

  #listed(): string {
    return Object.entries(this.contents)
      .flatMap(([kind, names]) => names.map((name: string) => JSON.stringify({ kind, name })))
      .join('\n')
  }

  #started(name: string): Reply {
    this.swarm.deadEngines.delete(name)
    return {}
  }

  #taken(name: string, state: Buffer): Reply {
    this.put.set(name, state)
    this.swarm.enrol(name, 'manager', { isLeader: false })
    this.swarm.leaderless = true
    this.#puts += 1
    const replaced = this.#replaced.get(name) ?? `/var/lib/docker/swarm.before-${this.#puts}`
    this.#replaced.set(name, replaced)
    return { stdout: `${replaced}\n` }
  }

  #settled(name: string): Reply {
    const replaced = this.#replaced.get(name) ?? ''
    this.#replaced.delete(name)
    return { stdout: replaced }
  }

  #forced(name: string): Reply {
    this.swarm.leaderless = false
    for (const node of this.swarm.nodes()) {
      if (node.hostname === name)
        this.swarm.change(node.id, { isLeader: true, reachability: 'reachable', state: 'ready' })
      else if (node.role === 'manager') {
        const back = this.returning.includes(node.hostname)
        this.swarm.change(node.id, {
          isLeader: false,
          reachability: back ? 'reachable' : undefined,
          state: back ? 'ready' : 'down',
        })
      }
    }
    return {}
  }
}

const NO_LEADER: Reply = {
  code: 1,
  stderr: 'Error response from daemon: The swarm does not have a leader.\n',
}
