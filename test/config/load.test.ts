import { homedir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { chooseCluster } from '../../src/config/active.ts'
import type { Environment } from '../../src/config/environment.ts'
import { loadConfig } from '../../src/config/load.ts'
import { BeltError } from '../../src/errors.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

describe('a config', () => {
  it('needs nothing but its driver', async () => {
    const config = await load('docker:\n')
    expect(config.driver.name).toBe('docker')
    expect(config.options).toMatchObject({ region: 'local', size: '512mb' })
    expect(config.ssh).toEqual({
      user: undefined,
      port: undefined,
      privateKey: undefined,
      bastion: undefined,
      hostKeyChecking: 'accept-new',
      connectTimeoutMs: 10_000,
      keepaliveMs: 15_000,
      agentIdleMs: 0,
      client: 'ssh2',
      configFile: undefined,
      concurrency: 128,
    })
    expect(config.nodes).toEqual([])
    expect(config.warnings).toEqual([])
  })

  it('accepts lists where a driver has them', async () => {
    const config = await load(
      'static:\n  hosts:\n    - name: node[1:2]\n      address: 192.0.2.[1:2]\n      port: 2222\n',
    )
    expect(config.options).toEqual({
      hosts: [{ name: 'node[1:2]', address: '192.0.2.[1:2]', port: 2222 }],
    })
  })

  it('converts the settings of swarms, hosts and nodes', async () => {
    const config = await load(`docker:
swarm:
  advertise: public
  default_addr_pool: 10.20.0.0/16
  cert_expiry: 2160h
sysctl:
  net.core.somaxconn: 4096
nodes:
  mg[0:2]:
  node[1:3]: { size: 1gb, groups: [web] }
`)
    expect(config.swarm).toMatchObject({
      advertise: 'public',
      defaultAddressPools: ['10.20.0.0/16'],
      certificateExpiry: '2160h',
    })
    expect(config.sysctl).toEqual({ 'net.core.somaxconn': 4096 })
    expect(config.nodes).toEqual([
      { pattern: 'mg[0:2]', size: undefined, region: undefined, groups: [] },
      { pattern: 'node[1:3]', size: '1gb', region: undefined, groups: ['web'] },
    ])
  })

  it('may share settings through anchors, merge keys and sections that start with x-', async () => {
    const config = await load(`x-web: &web
  size: 1gb
  groups: [web]
docker:
nodes:
  web1: *web
  web2: { <<: *web, size: 2gb }
`)
    expect(config.nodes).toEqual([
      { pattern: 'web1', size: '1gb', region: undefined, groups: ['web'] },
      { pattern: 'web2', size: '2gb', region: undefined, groups: ['web'] },
    ])
  })

  it.each([
    ['30s', 30_000],
    ['1m30s', 90_000],
    ['5', 5000],
    [5, 5000],
  ])('reads %j as a duration', async (text, milliseconds) => {
    const { ssh } = await load(`docker:\nssh:\n  keepalive: ${JSON.stringify(text)}\n`)
    expect(ssh.keepaliveMs).toBe(milliseconds)
  })

  it.each([
    ['gate.example.com', { address: 'gate.example.com', port: undefined, user: 'admin' }],
    ['me@gate:2200', { address: 'gate', port: 2200, user: 'me' }],
    ['me@[2001:db8::1]:2200', { address: '2001:db8::1', port: 2200, user: 'me' }],
    ['{ address: gate }', { address: 'gate', port: undefined, user: 'admin' }],
    ['{ address: gate, port: 1, user: me }', { address: 'gate', port: 1, user: 'me' }],
  ])('reads %j as a bastion', async (text, bastion) => {
    const { ssh } = await load(`docker:\nssh:\n  user: admin\n  bastion: ${text.replace(/^me.*/, '"$&"')}\n`)
    expect(ssh.bastion).toEqual(bastion)
  })

  it('finds a private key relative to its own folder or the home folder', async () => {
    const folder = await temporaryFolder({ '.belt/one/config.yml': 'docker:\nssh: { private_key: ../id }\n' })
    const config = await loadConfig(await chooseCluster({ cwd: folder }), {})
    expect(config.ssh.privateKey).toBe(join(folder, '.belt/id'))
    const other = await load('docker:\nssh:\n  private_key: ~/.ssh/id\n')
    expect(other.ssh.privateKey).toBe(join(homedir(), '.ssh/id'))
  })
})

describe("the agent's key", () => {
  it.each([
    ['ssh.agent', 'ssh: { agent: 10m }', {}],
    ['its former name', 'ssh: { keep_warm: 10m }', {}],
    ['the environment', 'ssh: { agent: 1m }', { BELT_SSH_AGENT: '10m' }],
    ['the former name in the environment', 'ssh: { agent: 1m }', { BELT_SSH_KEEP_WARM: '10m' }],
    ['the environment over the former name in the file', 'ssh: { keep_warm: 1m }', { BELT_SSH_AGENT: '10m' }],
  ])('is read from %s', async (_where, section, environment) => {
    const { ssh } = await load(`docker:\n${section}\n`, environment)
    expect(ssh.agentIdleMs).toBe(600_000)
  })

  it('is refused under both names at once', async () => {
    expect(await problems('docker:\nssh:\n  keep_warm: 1m\n  agent: 1m\n')).toEqual([
      'FILE:4:3: both ssh.agent and ssh.keep_warm are set: ssh.keep_warm is the former name, remove it',
    ])
    expect(await problems('docker:\n', { BELT_SSH_AGENT: '1m', BELT_SSH_KEEP_WARM: '1m' })).toEqual([
      expect.stringContaining('both BELT_SSH_AGENT and BELT_SSH_KEEP_WARM are set'),
    ])
  })
})

describe('the environment', () => {
  it('wins over the file and over defaults', async () => {
    const config = await load('docker:\n  region: here\nssh:\n  port: 22\n', {
      DOCKER_REGION: 'there',
      DOCKER_HOST: 'tcp://127.0.0.1:2375',
      BELT_SSH_PORT: '2222',
      BELT_SSH_CONNECT_TIMEOUT: '3s',
      BELT_SWARM_DEFAULT_ADDR_POOL: '[10.1.0.0/16, 10.2.0.0/16]',
    })
    expect(config.options).toMatchObject({ region: 'there', host: 'tcp://127.0.0.1:2375' })
    expect(config.ssh).toMatchObject({ port: 2222, connectTimeoutMs: 3000 })
    expect(config.swarm.defaultAddressPools).toEqual(['10.1.0.0/16', '10.2.0.0/16'])
  })

  it('keeps text that looks like a number', async () => {
    const config = await load('docker:\n', { DOCKER_REGION: '010', DOCKER_SIZE: 'true' })
    expect(config.options).toMatchObject({ region: '010', size: 'true' })
  })

  it('accepts lists as YAML', async () => {
    const config = await load('static:\n', { STATIC_HOSTS: '[{name: mg0, address: 192.0.2.1}]' })
    expect(config.options).toMatchObject({ hosts: [{ name: 'mg0', address: '192.0.2.1' }] })
  })

  it('ignores an empty variable', async () => {
    expect((await load('docker:\n  region: here\n', { DOCKER_REGION: '' })).options.region).toBe('here')
  })

  it('is refused if it is an empty URL, which would mean the real API', async () => {
    const empty = load('digitalocean:\n', { DIGITALOCEAN_API_URL: '' })
    await expect(empty).rejects.toMatchObject({
      code: 'empty-variable',
      exitCode: 2,
      message: 'DIGITALOCEAN_API_URL is set, but empty',
    })
  })

  it('is named in errors about its values', async () => {
    expect(await problems('docker:\n', { BELT_SSH_PORT: 'x', DOCKER_SUBNET: 'y' })).toEqual([
      'environment BELT_SSH_PORT: ssh.port: expected number, received string',
      'environment DOCKER_SUBNET: docker.subnet: Invalid IPv4 range',
    ])
  })
})

describe('a token of the environment', () => {
  const ELSEWHERE = 'digitalocean:\n  api_url: https://attacker.example\n'
  const refusal = [
    'FILE:2:3: digitalocean.api_url: the token of the environment is not sent to an address from a file: set DIGITALOCEAN_API_URL too',
  ]

  it.each(['DIGITALOCEAN_ACCESS_TOKEN', 'DIGITALOCEAN_TOKEN'])(
    'in %s is not sent to an address that only a file names',
    async variable => {
      expect(await problems(ELSEWHERE, { [variable]: 't' })).toEqual(refusal)
      const named = await load(ELSEWHERE, { [variable]: 't', DIGITALOCEAN_API_URL: 'https://proxy.example' })
      expect(named.options).toMatchObject({ api_url: 'https://proxy.example' })
    },
  )

  it("is not needed where the file has both, or names the vendor's own address", async () => {
    await load(`${ELSEWHERE}  access_token: mine\n`)
    await load('digitalocean:\n  api_url: https://api.digitalocean.com\n', { DIGITALOCEAN_TOKEN: 't' })
  })

  it('does not leave through the region, which is part of the hostname', async () => {
    expect(await problems('ec2:\n  region: x.attacker.example/\n')).toEqual([
      expect.stringContaining('ec2.region'),
    ])
  })
})

describe('a wrong config', () => {
  it('reports all problems at once, in the order of the file', async () => {
    const text = `docker:
  regin: here
  size: 512
swarm:
  availability: none
sysctl:
  somaxconn: 1
nodes:
  mg[0:2]:
  mg[2:3]: { sise: 1gb }
  no[1: {}
ssh:
  bastion:
    adress: gate
  keepalive: []
  connect_timeout: soon
`
    expect(await problems(text)).toEqual([
      'FILE:2:3: unknown key "regin" in docker, did you mean "region"?',
      'FILE:3:3: docker.size: expected string, received number: put it in quotes',
      'FILE:5:3: swarm.availability: expected one of "active"|"drain"',
      'FILE:7:3: sysctl.somaxconn: must be a kernel setting such as net.core.somaxconn',
      'FILE:10:3: nodes.mg[2:3]: mg2 is already declared by mg[0:2]',
      'FILE:10:14: unknown key "sise" in nodes.mg[2:3], did you mean "size"?',
      'FILE:11:3: nodes.no[1: the bracket is never closed',
      'FILE:13:3: ssh.bastion.address: missing',
      'FILE:14:5: unknown key "adress" in ssh.bastion, did you mean "address"?',
      'FILE:15:3: ssh.keepalive: expected number or string',
      'FILE:16:3: ssh.connect_timeout: must be a duration such as 30s or 2m; a plain number means seconds',
    ])
  })

  it.each([
    [
      'no driver',
      'ssh:\n',
      ['FILE:1:1: no driver configured: add a section "docker:" or "digitalocean:" or "ec2:" or "static:"'],
    ],
    [
      'nothing',
      '',
      ['FILE:1:1: no driver configured: add a section "docker:" or "digitalocean:" or "ec2:" or "static:"'],
    ],
    ['a mistyped driver', 'dokcer:\n', ['FILE:1:1: unknown key "dokcer", did you mean "docker"?']],
    [
      'two drivers',
      'docker:\nstatic:\n',
      ['FILE:2:1: static: the config already names a driver, and only one is allowed'],
    ],
    [
      'a list',
      '- docker\n',
      ['FILE:1:1: the config must be a mapping that starts with a driver, such as "docker:"'],
    ],
    ['a driver that is a word', 'docker: local\n', ['FILE:1:1: docker: expected object, received string']],
    ['required keys left out', 'static:\n', ['FILE:1:1: static.hosts: missing']],
    [
      'a wrong item of a list',
      'static:\n  hosts:\n    - name: a\n      address: [1]\n',
      ['FILE:4:17: static.hosts.0.address.0: expected string, received number: put it in quotes'],
    ],
    [
      'a bad name of a host',
      'static:\n  hosts:\n    - { name: a, address: x }\n    - { name: b_c, address: y }\n',
      ['FILE:4:7: static.hosts.1: a name cannot contain "_"'],
    ],
    ['a key twice', 'docker:\nssh: {}\nssh: {}\n', ['FILE:3:1: Map keys must be unique']],
    ['two documents', 'docker:\n---\nssh:\n', ['FILE:2:1: a config is one document: remove this line']],
    ['a tag that nothing resolves', 'docker:\n  region: !secret here\n', ['FILE:2:11: Unresolved tag']],
  ])('is reported with its lines if it has %s', async (_, text, expected) => {
    expect(await problems(text)).toEqual(expected)
  })

  it('never shows the line that cannot be read, as it may contain a token', async () => {
    const [problem] = await problems('docker:\n  token: "s3cret\n')
    expect(problem).toMatch(/^FILE:\d+:\d+: Missing closing/)
    expect(problem).not.toContain('s3cret')
  })

  it('reports a syntax error once, without the errors that follow from it', async () => {
    expect(await problems('docker:\n    size: 1gb\n  region: here\n  subnet: x\n')).toHaveLength(1)
  })

  it('cannot blow up through aliases', async () => {
    const bomb = Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(9)}]`).join(
      '\n',
    )
    const [problem] = await problems(`a0: &a0 x\n${bomb}\n`)
    expect(problem).toContain('Excessive alias count')
  })

  it.each([
    ['lists', '['],
    ['mappings', '{a: '],
  ])('cannot overflow the stack through deep %s', async (_, opening) => {
    const closing = opening === '[' ? ']' : '}'
    for (const depth of [60, 20_000]) {
      const [problem] = await problems(`docker: ${opening.repeat(depth)}x${closing.repeat(depth)}\n`)
      expect(problem).toMatch(/^FILE.*: it is nested more than 50 levels deep$/)
    }
  })

  it('is not quoted line by line if the file is none', async () => {
    const lines = Array.from({ length: 30 }, (_, user) => `user${user}:$6$hash${user}:20228:0:99999:7:::`)
    const shown = await problems(lines.join('\n'))
    expect(shown).toHaveLength(21)
    expect(shown[0]).toBe('FILE:1:1: this is no key of a config')
    expect(shown.join()).not.toContain('hash')
    expect(shown.at(-1)).toBe('and 10 more')
  })

  it('causes no warning of the parser on stderr', async () => {
    const warnings = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    onTestFinished(() => warnings.mockRestore())
    await problems('docker:\n  ? [a, b]\n  : x\n', { DOCKER_REGION: '!x {[a]: b}' })
    expect(warnings).not.toHaveBeenCalled()
  })

  it('cannot name a cluster differently from its folder', async () => {
    const folder = await temporaryFolder({ '.belt/one/config.yml': 'name: two\ndocker:\n' })
    await expect(loadConfig(await chooseCluster({ cwd: folder }), {})).rejects.toThrow(
      'config.yml:1:1: name: must be one, because',
    )
  })

  it('is a usage error with the problems as details', async () => {
    const error = await failure('docker:\n  regin: x\n')
    expect(error).toMatchObject({
      code: 'bad-config',
      exitCode: 2,
      details: { problems: [{ message: 'unknown key "regin" in docker, did you mean "region"?' }] },
    })
  })
})

async function fileWith(text: string) {
  const folder = await temporaryFolder({ 'one.yaml': text })
  return { name: 'one', configPath: join(folder, 'one.yaml'), folder: join(folder, '.belt/one') }
}

async function load(text: string, environment: Environment = {}) {
  return loadConfig(await fileWith(text), environment)
}

async function failure(text: string, environment: Environment = {}): Promise<BeltError> {
  const error = await load(text, environment).catch(error => error)
  expect(error).toBeInstanceOf(BeltError)
  return error
}

/** The lines of a bad config's message, with the file called FILE. */
async function problems(text: string, environment: Environment = {}): Promise<string[]> {
  const { message } = await failure(text, environment)
  const lines = message.replaceAll(/\S+\/one\.yaml/g, 'FILE').split('\n')
  return lines.filter(line => !line.startsWith('the config has'))
}
