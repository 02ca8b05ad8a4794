import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { frontsOf } from '../../src/cli/fronts.ts'
import { connectionFingerprint } from '../../src/config/connection-fingerprint.ts'
import type { FrontCall } from '../../src/hosts/agent/protocol/calls.ts'
import type { Fronts } from '../../src/hosts/agent/server/served-front.ts'
import { HostError } from '../../src/hosts/errors.ts'
import { packageVersion } from '../../src/package-files.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

describe('a front', () => {
  let call: FrontCall
  let fronts: Fronts

  beforeEach(async () => {
    const folder = await temporaryFolder({
      '.belt.yaml': 'name: prod\n',
      '.belt/prod/active': 'mg0\n',
      '.belt/other/config.yml': 'docker:\n',
      '.belt/other/active': 'mg0\n',
    })
    const environment = { HOME: '/home/me', NO_COLOR: '' }
    const argv = ['docker', 'ps']
    call = { what: 'front', version: packageVersion, argv, cwd: folder, environment, isTerminal: true }
    const cluster = {
      name: 'prod',
      configPath: join(folder, '.belt.yaml'),
      folder: join(folder, '.belt/prod'),
    }
    fronts = frontsOf(`/run/belt/${await connectionFingerprint(cluster, environment)}.sock`)
  })

  it('is understood by the agent whose hosts it means', async () => {
    expect(await fronts.understand(call)).toEqual({ host: 'mg0', command: { argv: ['docker', 'ps'] } })
  })

  it.each<[string, (call: FrontCall) => Partial<FrontCall>]>([
    ['another version', () => ({ version: '0.0.0' })],
    ['another cluster', ({ environment }) => ({ environment: { ...environment, BELT_CLUSTER: 'other' } })],
    ['other ways to its hosts', ({ environment }) => ({ environment: { ...environment, DOCKER_HOST: 'a' } })],
    ['a command that changes something', () => ({ argv: ['docker', 'rm', 'x'] })],
  ])('is not with %s', async (_what, change) => {
    expect(await fronts.understand({ ...call, ...change(call) })).toBeUndefined()
  })

  it('is told a failure as Belt tells it, in colours where its user sees them', () => {
    const error = new HostError('lost', 'mg0', 'lost mg0', { hint: 'look at it' })
    const plain = { text: 'belt: lost mg0\n  look at it\n', code: 1 }
    expect(fronts.tell(error, { ...call, isTerminal: false })).toEqual(plain)
    expect(fronts.tell(error, { ...call, environment: { NO_COLOR: '1' } })).toEqual(plain)
    expect(fronts.tell(error, call).text).toBe(
      '\u001b[31mbelt:\u001b[39m lost mg0\n\u001b[2m  look at it\u001b[22m\n',
    )
  })
})
