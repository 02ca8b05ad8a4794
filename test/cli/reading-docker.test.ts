import { beforeEach, describe, expect, it } from 'vitest'
import { readingDocker } from '../../src/cli/reading-docker.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

describe('what docker is to read on one host', () => {
  let cwd: string

  beforeEach(async () => {
    cwd = await temporaryFolder({
      '.belt/prod/config.yml': 'docker:\n',
      '.belt/prod/active': 'mg0\n',
      '.belt/test/config.yml': 'docker:\n',
      '.belt/active': 'prod\n',
    })
  })

  function asked(words: string, environment: Record<string, string> = {}) {
    return readingDocker(words.split(' '), { cwd, environment })
  }

  it('is told by the words, the folder and the environment that they were typed in', async () => {
    const cluster = { name: 'prod', folder: `${cwd}/.belt/prod`, configPath: `${cwd}/.belt/prod/config.yml` }
    expect(await asked('docker ps -a')).toEqual({ cluster, host: 'mg0', words: ['ps', '-a'] })
    expect(await asked('--host=mg1 docker node ls')).toMatchObject({ host: 'mg1', words: ['node', 'ls'] })
    const elsewhere = await asked('--host mg1 docker logs x', { BELT_CLUSTER: 'test' })
    expect(elsewhere).toMatchObject({ cluster: { name: 'test' }, host: 'mg1', words: ['logs', 'x'] })
  })

  it.each([
    'ls',
    'docker rm x',
    'docker',
    'exec docker ps',
    '--yes docker ps',
    '--host mg[0:1] docker ps',
    '--host mg0 --json docker ps',
  ])('is nothing that %j says', async words => {
    expect(await asked(words)).toBeUndefined()
  })

  it('is nothing where no host is active', async () => {
    expect(await asked('docker ps', { BELT_CLUSTER: 'test' })).toBeUndefined()
  })
})
