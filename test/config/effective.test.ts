import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { parseConfig, readConfig } from '../../src/config/document.ts'
import { effectiveConfig, renderConfig } from '../../src/config/effective.ts'
import { type Config, loadConfig } from '../../src/config/load.ts'
import { configSchema } from '../../src/config/schema.ts'
import { exposedSecrets, isSecret, maskedText } from '../../src/config/secrets.ts'
import type { DriverModule } from '../../src/drivers/module.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const CONFIG = `docker:
  region: here
nodes:
  mg[0:2]:
  node[1:2]: { groups: [web] }
`

/** A driver with a secret, such as a cloud has. */
const cloud: DriverModule = {
  name: 'cloud',
  schema: z.strictObject({ access_token: z.string(), region: z.string().default('ams') }),
  secrets: ['access_token'],
  create: () => {
    throw new Error('not made here')
  },
}
const CLOUD_CONFIG = 'cloud:\n  access_token: s3cret # keep\n  region: ams\n'

describe('the effective config', () => {
  it('shows where each value comes from', async () => {
    const { config, origins } = await effective(CONFIG, { BELT_SSH_PORT: '2222' })
    expect(config).toMatchObject({
      docker: { region: 'here', size: '512mb' },
      ssh: { port: 2222, connect_timeout: '10s', concurrency: 128 },
      nodes: { 'mg[0:2]': {}, 'node[1:2]': { groups: ['web'] } },
    })
    expect(origins).toMatchObject({
      'docker.region': 'file',
      'docker.size': 'default',
      'ssh.port': 'environment BELT_SSH_PORT',
      'nodes.mg[0:2]': 'file',
    })
  })

  it('is printed as a config, with the origins as comments', async () => {
    const shown = await effective(CONFIG, {})
    const text = renderConfig(shown)
    expect(text).toMatch(/^ {2}region: here +# file$/m)
    expect(text).toMatch(/^ {2}concurrency: 128 +# default$/m)
    expect(parse(text)).toEqual(shown.config)
  })

  it('leaves out what has no value', async () => {
    const { config } = await effective(CONFIG, {})
    expect(config).not.toHaveProperty('swarm')
    expect(config).not.toHaveProperty('docker.image')
  })

  it('masks secrets', async () => {
    const document = parseConfig('cloud.yaml', CLOUD_CONFIG)
    const schema = configSchema(cloud)
    const config = {
      cluster: { name: 'one' },
      driver: cloud,
      source: { document, schema, data: document.data, variables: new Map() },
    } as unknown as Config
    const shown = effectiveConfig(config)
    expect(shown.config.cloud).toEqual({ access_token: '********', region: 'ams' })
    expect(renderConfig(shown)).not.toContain('s3cret')
  })
})

describe('a secret', () => {
  it("is masked in a config's own text", () => {
    expect(maskedText(parseConfig('cloud.yaml', CLOUD_CONFIG), cloud)).toBe(
      'cloud:\n  access_token: ******** # keep\n  region: ams\n',
    )
    expect(maskedText(parseConfig('cloud.yaml', 'cloud:\n'), cloud)).toBe('cloud:\n')
  })

  it('is distinguished from other options', () => {
    expect(isSecret(cloud, ['cloud', 'access_token'])).toBe(true)
    expect(isSecret(cloud, ['cloud', 'region'])).toBe(false)
    expect(isSecret(cloud, ['ssh', 'access_token'])).toBe(false)
  })

  it('causes a warning in a file that other users can read', async () => {
    const path = join(await temporaryFolder({ 'cloud.yaml': CLOUD_CONFIG }), 'cloud.yaml')
    await chmod(path, 0o640)
    expect(await exposedSecrets(await readConfig({ configPath: path }), cloud)).toEqual([
      `${path} contains access_token and is readable by other users: chmod 600 ${path}`,
    ])
    await chmod(path, 0o600)
    expect(await exposedSecrets(await readConfig({ configPath: path }), cloud)).toEqual([])
  })

  it('is refused in such a file if the driver guards it', async () => {
    const path = join(await temporaryFolder({ 'cloud.yaml': CLOUD_CONFIG }), 'cloud.yaml')
    const guarding = { ...cloud, guarded: ['access_token'] }
    await chmod(path, 0o640)
    await expect(exposedSecrets(await readConfig({ configPath: path }), guarding)).rejects.toMatchObject({
      code: 'exposed-secret',
      hint: expect.stringContaining('chmod 600'),
    })
    await chmod(path, 0o600)
    expect(await exposedSecrets(await readConfig({ configPath: path }), guarding)).toEqual([])
  })

  it('causes no warning in a file that contains none', async () => {
    const path = join(await temporaryFolder({ 'cloud.yaml': 'cloud:\n  region: ams\n' }), 'cloud.yaml')
    await chmod(path, 0o644)
    expect(await exposedSecrets(await readConfig({ configPath: path }), cloud)).toEqual([])
  })
})

async function effective(text: string, environment: Record<string, string>) {
  const folder = await temporaryFolder({ 'one.yaml': text })
  const cluster = { name: 'one', configPath: join(folder, 'one.yaml'), folder }
  return effectiveConfig(await loadConfig(cluster, environment))
}
