import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { fastPath } from '../../src/cli/fast-path.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

let folder: string
let printed: string

/** Runs a command line in the folder. Tells whether it was done, and what it printed. */
async function run(...words: string[]) {
  return { done: await fastPath(words), printed }
}

function write(path: string, text: string): void {
  writeFileSync(join(folder, '.belt', path), text)
}

const HANDED_OVER = { done: false, printed: '' }

beforeEach(() => {
  vi.unstubAllEnvs()
  vi.stubEnv('BELT_CLUSTER', undefined)
  vi.stubEnv('BELT_DEBUG', undefined)
  folder = mkdtempSync(join(tmpdir(), 'belt-test-'))
  printed = ''
  for (const cluster of ['lab', 'prod']) {
    mkdirSync(join(folder, '.belt', cluster), { recursive: true })
    write(`${cluster}/config.yml`, 'static: { hosts: [{ name: node1, address: 10.0.0.1 }] }\n')
  }
  vi.spyOn(process, 'cwd').mockReturnValue(folder)
  vi.spyOn(process.stdout, 'write').mockImplementation(text => {
    printed += text
    return true
  })
  return () => {
    vi.restoreAllMocks()
    rmSync(folder, { recursive: true })
  }
})

describe('belt use', () => {
  it('makes a cluster the active one and prints its name', async () => {
    expect(await run('use', 'prod')).toEqual({ done: true, printed: 'prod\n' })
    expect(readFileSync(join(folder, '.belt/active'), 'utf8')).toBe('prod\n')
  })

  it('prints the active cluster', async () => {
    write('active', 'prod\n')
    expect(await run('use')).toEqual({ done: true, printed: 'prod\n' })
  })

  it('prints the cluster that the environment names', async () => {
    write('active', 'prod\n')
    vi.stubEnv('BELT_CLUSTER', 'lab')
    expect(await run('use')).toEqual({ done: true, printed: 'lab\n' })
  })

  it('hands over when the cluster does not exist, and changes nothing', async () => {
    write('active', 'prod\n')
    expect(await run('use', 'nowhere')).toEqual(HANDED_OVER)
    expect(readFileSync(join(folder, '.belt/active'), 'utf8')).toBe('prod\n')
  })

  it('hands over when no cluster is active', async () => {
    expect(await run('use')).toEqual(HANDED_OVER)
  })
})

describe('belt active', () => {
  beforeEach(() => write('active', 'lab\n'))

  it('prints the active host after its cluster', async () => {
    write('lab/active', 'node1\n')
    expect(await run('active')).toEqual({ done: true, printed: 'lab/node1\n' })
  })

  it('hands over when no host is active', async () => {
    expect(await run('active')).toEqual(HANDED_OVER)
  })

  it('hands over when a host is to be set, which needs the config', async () => {
    expect(await run('active', 'node1')).toEqual(HANDED_OVER)
  })
})

describe('everything else', () => {
  beforeEach(() => {
    write('active', 'lab\n')
    write('lab/active', 'node1\n')
  })

  it.each([
    [[]],
    [['ls']],
    [['--help']],
    [['use', '--help']],
    [['active', '--json']],
    [['--cluster', 'prod', 'active']],
    [['use', 'prod', '--json']],
    [['use', 'lab', 'prod']],
  ])('is handed over: belt %j', async words => {
    expect(await run(...words)).toEqual(HANDED_OVER)
    expect(readFileSync(join(folder, '.belt/active'), 'utf8')).toBe('lab\n')
  })

  it.each(['use', 'active'])('includes %s with BELT_DEBUG', async word => {
    vi.stubEnv('BELT_DEBUG', '1')
    expect(await run(word)).toEqual(HANDED_OVER)
  })

  it.each(['use', 'active'])('includes %s outside of a workspace', async word => {
    vi.spyOn(process, 'cwd').mockReturnValue(await temporaryFolder())
    expect(await run(word)).toEqual(HANDED_OVER)
  })
})
