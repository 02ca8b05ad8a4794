import { execFileSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseWay, sudoScript, wayScript } from '../../src/remote/rights.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

interface Surroundings {
  readonly uid: number
  /** A line of the fake sudo. */
  readonly sudo: string
  readonly env?: Record<string, string>
}

/** What the question prints where `id -u` and sudo do what they are told. */
async function asked(need: 'root' | 'engine', { uid, sudo, env = {} }: Surroundings): Promise<string> {
  const folder = await temporaryFolder()
  const id = `[ "$1" = -u ] && echo ${uid} || echo ops`
  for (const [name, line] of Object.entries({ id, sudo })) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${line}\n`)
    chmodSync(join(folder, name), 0o755)
  }
  const { DOCKER_HOST, DOCKER_CONTEXT, ...inherited } = process.env
  return execFileSync('/bin/sh', ['-c', wayScript(need)], {
    encoding: 'utf8',
    env: { ...inherited, HOME: folder, PATH: `${folder}:${process.env.PATH}`, ...env },
  })
}

describe('the question for the rights of root', () => {
  it('leaves sudo alone if the user is root, whatever it is called', async () => {
    expect(parseWay(await asked('root', { uid: 0, sudo: 'exit 9' }))).toEqual({ kind: 'own' })
  })

  it('finds sudo', async () => {
    const sudo = 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"'
    expect(parseWay(await asked('root', { uid: 1000, sudo }))).toEqual({ kind: 'sudo' })
  })

  it('keeps what sudo says when it refuses', async () => {
    const sudo = 'echo "sudo: a password is required" >&2; exit 1'
    expect(parseWay(await asked('root', { uid: 1000, sudo }))).toEqual({
      kind: 'refused',
      user: 'ops',
      said: 'sudo: a password is required',
    })
  })
})

it('the question for the use of the engine leaves an engine that the user has chosen to its client', async () => {
  const env = { DOCKER_HOST: 'unix:///run/user/1000/docker.sock' }
  expect(parseWay(await asked('engine', { uid: 1000, sudo: 'exit 9', env }))).toEqual({ kind: 'own' })
})

describe('the answer', () => {
  it.each(['', 'Welcome\n', 'own', 'sudoer\n'])('is unknown if it is something else: %o', stdout => {
    expect(parseWay(stdout)).toBeUndefined()
  })

  it('may be that nothing refuses, because there is no socket', () => {
    expect(parseWay('absent\n')).toEqual({ kind: 'absent' })
  })
})

it('a script for root keeps what it needs of the environment, and never waits for a password', () => {
  const [start, ...kept] = sudoScript('id -u').split(' "')
  expect(start).toBe('exec sudo -n -H -- env')
  expect(kept.join(' "')).toContain('SSH_CONNECTION=$SSH_CONNECTION"')
  expect(sudoScript('id -u')).toMatch(/ \/bin\/sh -c 'id -u'$/)
})
