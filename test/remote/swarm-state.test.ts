import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { type Command, commandLine } from '../../src/remote/command.ts'
import {
  autolockCommand,
  forceNewClusterCommand,
  raftLogCommand,
  restoreStateCommand,
  settleStateCommand,
  snapshotStateCommand,
} from '../../src/remote/swarm-state.ts'
import { retry } from '../../src/retry.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** Says what is done to the engine; `docker` knows where its folder is. */
const PROGRAMS = {
  docker:
    'case "$*" in *DockerRootDir*) echo "$ROOT";; *unlock*) read -r key; echo "unlock $(printf %s "$key" | wc -c)" >>"$ROOT/../log";; version*) :;; *) echo "docker $*" >>"$ROOT/../log";; esac',
  service: 'echo "$2" >>"$ROOT/../log"',
  systemctl: '[ "$2" = docker ] && echo "$1" >>"$ROOT/../log"; :',
}

/** A host in a folder: its engine's state, and shells that run what is said to it. */
async function host(state: Record<string, string> = {}) {
  const folder = await temporaryFolder()
  const root = join(folder, 'docker')
  const bin = join(folder, 'bin')
  for (const path of [root, bin]) mkdirSync(path)
  const program = (name: string, text: string) =>
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
  for (const [name, text] of Object.entries(PROGRAMS)) program(name, text)
  for (const [path, text] of Object.entries(state)) {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const start = (shell: string, command: Command) => {
    const child = spawn(shell, ['-c', commandLine(command)], {
      env: { ...process.env, PATH: `${bin}:${process.env.PATH}`, ROOT: root },
      detached: true,
    })
    child.stdin.on('error', () => {})
    if (command.stdin !== undefined) child.stdin.end(command.stdin)
    const ended = new Promise<number>(resolve => child.on('close', code => resolve(code ?? 143)))
    const printed = (output: Readable) => buffer(output).catch(() => Buffer.from('cut off'))
    return { child, ended, stdout: printed(child.stdout), stderr: printed(child.stderr) }
  }
  return {
    root,
    program,
    start,
    log: () =>
      existsSync(join(folder, 'log')) ? readFileSync(join(folder, 'log'), 'utf8').trim().split('\n') : [],
    left: () => readdirSync(root).filter(name => name.startsWith('belt-')),
  }
}

const STATE = { 'swarm/docker-state.json': '{}', 'swarm/raft/wal-v3-encrypted/1.wal': 'log' }

describe.each(['dash', 'bash'])('the commands for the swarm state, in %s', shell => {
  describe.each([
    ['fails', 'echo "no engine" >&2; exit 1'],
    ['prints nothing and exits with 0', 'echo "no engine" >&2'],
  ])('when its engine is down and its client %s', (_, docker) => {
    it.each([
      ['copy', snapshotStateCommand(undefined)],
      ['put', restoreStateCommand('0'.repeat(64), 'swarm.before-1')],
      ['force', forceNewClusterCommand('10.0.0.1')],
      ['log', raftLogCommand],
      ['autolock', autolockCommand],
      ['settle', settleStateCommand],
    ])('fails with the reason and changes no folder: %s', async (_, command) => {
      const { start, program, log } = await host(STATE)
      program('docker', docker)
      for (const name of ['mktemp', 'grep', 'gzip']) program(name, `echo ${name} >>"$ROOT/../log"`)
      const { ended, stderr } = start(shell, command)
      expect(await ended).toBe(1)
      expect((await stderr).toString()).toBe('no engine\n')
      expect(log()).toEqual([])
    })
  })

  describe('snapshotStateCommand', () => {
    it('prints the state once the engine has started again, and leaves no files behind', async () => {
      const { start, log, left } = await host(STATE)
      const { stdout, ended } = start(shell, snapshotStateCommand(undefined))
      const listed = execFileSync('tar', ['-tzf', '-'], { input: await stdout }).toString()
      expect(listed).toContain('swarm/docker-state.json')
      expect(await ended).toBe(0)
      expect(log()).toEqual(['stop', 'start'])
      expect(left()).toEqual([])
    })

    it('unlocks the engine with the key, which appears in no argument', async () => {
      const { start, log } = await host(STATE)
      const command = snapshotStateCommand('SWMKEY-1-secret')
      expect(commandLine(command)).not.toContain('secret')
      expect(await start(shell, command).ended).toBe(0)
      expect(log()).toEqual(['stop', 'start', 'unlock 15'])
    })

    it('starts the engine when the copy fails', async () => {
      const { start, program, log, left } = await host(STATE)
      program('tar', 'exit 2')
      expect(await start(shell, snapshotStateCommand(undefined)).ended).not.toBe(0)
      expect(log()).toEqual(['stop', 'start'])
      expect(left()).toEqual([])
    })

    it('ignores signals and a broken connection until the engine has started', async () => {
      const { start, program, log, left, root } = await host(STATE)
      program('tar', 'touch "$ROOT/reached"; while [ -e "$ROOT/reached" ]; do sleep 0.05; done; exit 0')
      const { child, ended } = start(shell, snapshotStateCommand(undefined))
      await retry(async () => expect(existsSync(join(root, 'reached'))).toBe(true), {
        deadlineMs: 10_000,
        everyMs: 20,
      })
      child.stdout.destroy()
      child.stderr.destroy()
      for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGPIPE'] as const)
        process.kill(-(child.pid ?? 0), signal)
      execFileSync('rm', [join(root, 'reached')])
      await ended
      expect(log()).toEqual(['stop', 'start'])
      expect(left()).toEqual([])
    })

    it('does not stop the engine if there is no state', async () => {
      const { start, log } = await host()
      const { ended, stderr } = start(shell, snapshotStateCommand(undefined))
      expect(await ended).toBe(1)
      expect((await stderr).toString()).toContain('holds no state of a swarm')
      expect(log()).toEqual([])
    })
  })

  describe('restoreStateCommand', () => {
    const archive = async () => {
      const source = await host({ ...STATE, 'swarm/docker-state.json': '{"new":1}' })
      return execFileSync('tar', ['-C', source.root, '-czf', '-', 'swarm'])
    }
    const put = (bytes: Buffer, sent = bytes, aside = 'swarm.before-1'): Command => ({
      ...restoreStateCommand(createHash('sha256').update(bytes).digest('hex'), aside),
      stdin: sent,
    })
    const nameOf = async (printed: Promise<Buffer>) => basename((await printed).toString().trim())

    it('moves the previous state aside, and prints its folder', async () => {
      const { start, root, log, left } = await host(STATE)
      const { stdout, ended } = start(shell, put(await archive()))
      expect((await stdout).toString()).toBe(`${root}/swarm.before-1\n`)
      expect(await ended).toBe(0)
      expect(readFileSync(join(root, 'swarm/docker-state.json'), 'utf8')).toBe('{"new":1}')
      expect(readFileSync(join(root, 'swarm.before-1/docker-state.json'), 'utf8')).toBe('{}')
      expect(log()).toEqual(['stop', 'start'])
      expect(left()).toEqual([])
    })

    it('prints the folder of the original state when repeated, until a cluster was created', async () => {
      const { start, root } = await host(STATE)
      const bytes = await archive()
      const told = async (aside: string) => nameOf(start(shell, put(bytes, bytes, aside)).stdout)
      const settled = async () => nameOf(start(shell, settleStateCommand).stdout)
      expect(await told('swarm.before-1')).toBe('swarm.before-1')
      expect(await told('swarm.before-2')).toBe('swarm.before-1')
      expect(readFileSync(join(root, 'swarm.before-1/docker-state.json'), 'utf8')).toBe('{}')
      expect(await settled()).toBe('swarm.before-1')
      expect(await settled()).toBe('')
      expect(await told('swarm.before-3')).toBe('swarm.before-3')
    })

    it.each(['no folder', 'an empty folder'])('prints nothing if there was %s', async what => {
      const { start, root } = await host()
      if (what === 'an empty folder') mkdirSync(join(root, 'swarm'))
      const { stdout, ended } = start(shell, put(await archive()))
      expect(await ended).toBe(0)
      expect((await stdout).toString()).toBe('')
      expect((await start(shell, settleStateCommand).stdout).toString()).toBe('')
      expect(readdirSync(root)).toEqual(['swarm'])
    })

    it('does not stop the engine if the state arrived incomplete', async () => {
      const { start, root, log, left } = await host(STATE)
      const bytes = await archive()
      const { ended, stderr } = start(shell, put(bytes, bytes.subarray(0, 20)))
      expect(await ended).toBe(1)
      expect((await stderr).toString()).toContain('the archive did not arrive as it was sent')
      expect(readFileSync(join(root, 'swarm/docker-state.json'), 'utf8')).toBe('{}')
      expect([log(), left()]).toEqual([[], []])
    })

    it('keeps the previous state if the new one cannot be moved into place', async () => {
      const { start, program, root, log, left } = await host(STATE)
      program('mv', 'case "$1" in */belt-restore*) exit 1;; *) exec /bin/mv "$@";; esac')
      expect(await start(shell, put(await archive())).ended).not.toBe(0)
      expect(readFileSync(join(root, 'swarm/docker-state.json'), 'utf8')).toBe('{}')
      expect(log()).toEqual(['stop', 'start'])
      expect(left()).toEqual([])
    })
  })

  describe('autolockCommand', () => {
    const KEY = 'swarm/certificates/swarm-node.key'

    it.each([
      ['locked', '-----BEGIN ENCRYPTED PRIVATE KEY-----'],
      ['open', '-----BEGIN EC PRIVATE KEY-----'],
    ])('prints %s', async (word, key) => {
      const { start } = await host({ [KEY]: key })
      const { stdout, ended } = start(shell, autolockCommand)
      expect([(await stdout).toString(), await ended]).toEqual([`${word}\n`, 0])
    })

    it('fails if the key cannot be read', async () => {
      const { start } = await host(STATE)
      const { stdout, stderr, ended } = start(shell, autolockCommand)
      expect([(await stdout).toString(), await ended]).toEqual(['', 1])
      expect((await stderr).toString()).toContain('swarm-node.key')
    })
  })

  describe('forceNewClusterCommand', () => {
    it('asks the engine if there is the state of a manager', async () => {
      const { start, log } = await host(STATE)
      expect(await start(shell, forceNewClusterCommand('10.0.0.1')).ended).toBe(0)
      expect(log()).toEqual(['docker swarm init --force-new-cluster --advertise-addr 10.0.0.1'])
    })

    it.each([{}, { 'swarm/docker-state.json': '{}' }, { 'swarm/raft/wal-v3-encrypted/1.wal': 'log' }])(
      'does not ask the engine if there is none: %j',
      async state => {
        const { start, log } = await host(state)
        const { ended, stderr } = start(shell, forceNewClusterCommand('10.0.0.1'))
        expect(await ended).toBe(1)
        expect((await stderr).toString()).toContain('an empty swarm would be started')
        expect(log()).toEqual([])
      },
    )
  })
})
