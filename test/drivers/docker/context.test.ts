import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { engineEndpoint } from '../../../src/drivers/docker/endpoint.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const id = createHash('sha256').update('lab').digest('hex')
const META = `contexts/meta/${id}/meta.json`
const context = (docker: object) => JSON.stringify({ Name: 'lab', Metadata: {}, Endpoints: { docker } })
const LAB = { [META]: context({ Host: 'unix:///run/lab.sock', SkipTLSVerify: false }) }

describe('the context of the docker command', () => {
  it('names the engine, whether DOCKER_CONTEXT or docker context use chose it', async () => {
    const folder = await temporaryFolder({ ...LAB, 'config.json': '{"currentContext": "lab"}' })
    expect(engineEndpoint(undefined, { DOCKER_CONFIG: folder }).url).toBe('unix:///run/lab.sock')
    const unchosen = await temporaryFolder(LAB)
    const named = engineEndpoint(undefined, { DOCKER_CONFIG: unchosen, DOCKER_CONTEXT: 'lab' })
    expect(named.connection.socketPath).toBe('/run/lab.sock')
  })

  it('does not count where an engine is configured, or the default context is chosen', async () => {
    const folder = await temporaryFolder({ ...LAB, 'config.json': '{"currentContext": "lab"}' })
    expect(engineEndpoint('unix:///run/my.sock', { DOCKER_CONFIG: folder }).url).toBe('unix:///run/my.sock')
    const standard = engineEndpoint(undefined, { DOCKER_CONFIG: folder, DOCKER_CONTEXT: 'default' })
    expect(standard.url).toMatch(/docker\.sock$/)
    const none = engineEndpoint(undefined, { DOCKER_CONFIG: await temporaryFolder({ 'config.json': '{}' }) })
    expect(none.url).toBe(standard.url)
  })

  it('brings its certificates', async () => {
    const folder = await temporaryFolder({
      [META]: context({ Host: 'tcp://lab.example:2376' }),
      [`contexts/tls/${id}/docker/ca.pem`]: 'authority',
      [`contexts/tls/${id}/docker/cert.pem`]: 'certificate',
      [`contexts/tls/${id}/docker/key.pem`]: 'key',
    })
    const { connection } = engineEndpoint(undefined, { DOCKER_CONFIG: folder, DOCKER_CONTEXT: 'lab' })
    expect(connection).toMatchObject({ host: 'lab.example', port: '2376', protocol: 'https' })
    expect([connection.ca, connection.cert, connection.key].map(String)).toEqual([
      'authority',
      'certificate',
      'key',
    ])
  })

  it.each([
    ['does not exist', {}, 'it does not exist'],
    ['cannot be read', { [META]: 'x' }, 'cannot be read'],
    ['names no engine', { [META]: context({}) }, 'names no Docker Engine'],
    ['leads through SSH', { [META]: context({ Host: 'ssh://lab' }) }, 'ssh://'],
    [
      'skips verification',
      { [META]: context({ Host: 'tcp://lab', SkipTLSVerify: true }) },
      'does not verify',
    ],
  ])('is an error, and never another engine, if it %s', async (_, files, reason) => {
    const folder = await temporaryFolder({ ...files, 'config.json': '{"currentContext": "lab"}' })
    expect(() => engineEndpoint(undefined, { DOCKER_CONFIG: folder })).toThrow(
      expect.objectContaining({
        code: 'docker-context',
        exitCode: 3,
        message: expect.stringContaining(reason),
      }),
    )
  })
})
