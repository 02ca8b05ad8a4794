import { spawn } from 'node:child_process'
import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { onTestFinished } from 'vitest'
import { frontsOf } from '../../src/cli/fronts.ts'
import { connectionFingerprint } from '../../src/config/connection-fingerprint.ts'
import type { Cluster } from '../../src/config/workspace.ts'
import { Pool } from '../../src/hosts/agent/server/pool.ts'
import { WarmServer } from '../../src/hosts/agent/server/server.ts'
import { KnownHosts } from '../../src/hosts/known-hosts/known-hosts.ts'
import { type BeltOptions, type Ended, ended } from './belt.ts'
import { LocalHost } from './local-host.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** Stands for Node: says what it was called with and what was left of standard input. */
const INSTEAD_OF_NODE = `#!/bin/sh
printf node
[ $# = 0 ] || printf '<%s>' "$@"
exec cat
`

/** A package with the front, a workspace with an active host, and a folder for the sockets of agents. */
export class FrontStage {
  readonly belt: string
  readonly workspace: string
  readonly sockets: string
  readonly programs: string
  readonly cluster: Cluster
  readonly env: Readonly<Record<string, string>>

  private constructor(folder: string) {
    this.belt = join(folder, 'package/bin/belt')
    this.workspace = join(folder, 'workspace')
    this.sockets = join(folder, 'runtime/belt')
    this.programs = join(folder, 'programs')
    const configPath = join(this.workspace, '.belt.yaml')
    this.cluster = { name: 'lab', configPath, folder: join(this.workspace, '.belt/lab') }
    this.env = { HOME: folder, PATH: process.env.PATH ?? '', XDG_RUNTIME_DIR: join(folder, 'runtime') }
  }

  static async make(): Promise<FrontStage> {
    const folder = await temporaryFolder({
      'workspace/.belt.yaml': 'name: lab\n',
      'workspace/.belt/lab/active': 'node1\n',
      'package/bin/run.js': INSTEAD_OF_NODE,
    })
    const stage = new FrontStage(folder)
    await mkdir(stage.sockets, { mode: 0o700, recursive: true })
    await chmod(join(folder, 'package/bin/run.js'), 0o755)
    for (const file of ['bin/belt', 'bin/front.pl', 'package.json'])
      await copyFile(resolve(file), join(folder, 'package', file))
    return stage
  }

  /** Where an agent listens; one whose name no digest is, unless told. */
  socketPath(name = '0'.repeat(24)): string {
    return join(this.sockets, `${name}.sock`)
  }

  /** Changes a constant of the front. */
  async set(name: string, value: number): Promise<void> {
    const path = join(this.belt, '../front.pl')
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replace(new RegExp(`^my \\$${name} = .*$`, 'm'), `my $${name} = ${value};`))
  }

  /** Makes the host's docker, a shell script. */
  async docker(script: string): Promise<void> {
    await mkdir(this.programs, { recursive: true })
    await writeFile(join(this.programs, 'docker'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  }

  /** Belt's agent for the workspace, inside of this process, with a connection to node1. */
  async agent(): Promise<LocalHost> {
    const path = this.socketPath(await connectionFingerprint(this.cluster, this.env))
    const host = new LocalHost('node1', this.programs)
    const knownHosts = new KnownHosts(join(this.cluster.folder, 'known_hosts'))
    const pool = new Pool({ open: () => host, knownHosts, idleMs: 60_000, onEmpty: () => {} })
    await pool.use(
      { name: 'node1', address: '192.0.2.1', port: 22, user: 'root', fresh: false },
      async () => {},
    )
    const server = createServer()
    const status = { pid: process.pid, version: '', startedAt: '', idleLimitMs: 60_000 }
    const warm = new WarmServer(server, { pool, status, fronts: frontsOf(path), onStop: () => {} })
    await new Promise<void>(done => server.listen(path, done))
    await chmod(path, 0o600)
    onTestFinished(async () => {
      server.close()
      await warm.close()
      pool.close()
    })
    return host
  }

  /** Runs bin/belt in the workspace. */
  run(args: readonly string[], options: BeltOptions = {}): Promise<Ended> {
    return this.spawn(this.belt, args, options)
  }

  /** Runs a shell line with the path of bin/belt in `$belt`. */
  shell(line: string, options: BeltOptions = {}): Promise<Ended> {
    return this.spawn('/bin/sh', ['-c', line], options)
  }

  private spawn(program: string, args: readonly string[], options: BeltOptions): Promise<Ended> {
    const env = { ...this.env, belt: this.belt, ...options.env }
    return ended(spawn(program, args, { cwd: this.workspace, env }), options)
  }
}
