import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Workplace } from '../support/belt.ts'
import { TestCluster } from '../support/cluster.ts'
import { requireEngine } from '../support/engine.ts'
import { BASHRC_SAYS, hasShellUsers, ShellUsers } from '../support/shell-users.ts'

describe.skipIf(!hasShellUsers)('hosts with login shells of all kinds', () => {
  let users: ShellUsers
  let place: Workplace
  beforeAll(async () => {
    users = await ShellUsers.start()
    place = new Workplace()
    const hosts = users.config(['bash', 'fish', 'tcsh', 'noisy', 'leaving', 'forced'])
    writeFileSync(join(place.folder, '.belt.yaml'), hosts, { mode: 0o600 })
    writeFileSync(join(place.folder, 'my file.txt'), 'hello belt\n')
  })
  afterAll(async () => {
    place?.remove()
    await users?.stop()
  })

  it.each(['bash', 'fish', 'tcsh'])('end with the exit code of the command: %s', async name => {
    const ended = await place.run(['exec', name, '--', 'sh', '-c', 'exit 5'])
    expect(ended).toMatchObject({ code: 5, stdout: '', stderr: '' })
    expect(await place.run(['exec', name, '--', 'cat'], { stdin: 'data\n' })).toMatchObject({
      stdout: 'data\n',
    })
  })

  it('give bytes back as they were passed, which need not be UTF-8', async () => {
    const words = `-- printf %s "$(printf '\\351\\377')" '…'`
    for (const name of ['bash', 'fish', 'tcsh']) {
      const { bytes } = await place.shell(`belt exec ${name} ${words}`)
      expect(bytes.toString('hex')).toBe(`e9ff${Buffer.from('…').toString('hex')}`)
    }
  })

  it('are not named in bytes that are no UTF-8', async () => {
    const ended = await place.shell(`belt exec "$(printf 'b\\377')" -- true`)
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining('bytes that are no UTF-8') })
  })

  it('take files, or say that they did not', async () => {
    const ended = await place.run(['cp', 'my file.txt', 'bash,fish,tcsh,noisy,leaving,forced:t', '--json'])
    expect(ended.code).toBe(4)
    const { failed, ...document } = JSON.parse(ended.stdout)
    expect(failed).toEqual(['leaving', 'forced'])
    expect(JSON.stringify(document)).toContain('host-not-run')
    for (const name of ['bash', 'fish', 'tcsh', 'noisy'] as const)
      expect(readFileSync(join(users.home(name), 't'), 'utf8')).toBe('hello belt\n')
  })

  it('take a file whose name is no UTF-8, which cannot be fetched', async () => {
    const name = `"bash:$(printf 'n\\351')"`
    expect(await place.shell(`belt cp 'my file.txt' ${name}`)).toMatchObject({ code: 0 })
    const path = Buffer.concat([Buffer.from(users.home('bash')), Buffer.from('/n'), Buffer.of(0xe9)])
    expect(readFileSync(path, 'utf8')).toBe('hello belt\n')
    expect(await place.shell(`belt cp ${name} got`)).toMatchObject({ code: 2 })
  })

  it('give files without the words of an rc file', async () => {
    await place.succeed(['cp', 'noisy:t', 'got'])
    expect(readFileSync(join(place.folder, 'got/noisy-t'), 'utf8')).toBe('hello belt\n')
  })

  it.each(['leaving', 'forced'])('that run something else are an error: %s', async name => {
    const ended = await place.run(['exec', name, '--', 'true'])
    expect(ended.code).toBe(1)
    expect(ended.stderr).toContain(
      `${name} did not run the command: its login shell, an rc file or a forced command`,
    )
  })

  it('that run something else are listed among others', async () => {
    const ended = await place.run(['exec', 'bash,forced', '--', 'true'])
    expect(ended.code).toBe(4)
    expect(ended.stderr).toContain('not run (1): forced')
  })

  it('are the same through the agent', async () => {
    const env = { BELT_SSH_AGENT: '1m' }
    const run = (name: string, ...argv: string[]) => place.run(['exec', name, '--', ...argv], { env })
    for (let time = 0; time < 2; time++) {
      expect(await run('fish', 'sh', '-c', 'exit 5')).toMatchObject({ code: 5 })
      expect(await run('noisy', 'echo', 'it')).toMatchObject({ code: 0, stdout: 'it\n' })
      expect(await run('forced', 'true')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('forced did not run the command'),
      })
    }
    const { bytes } = await place.shell(`belt exec fish -- printf %s "$(printf '\\351\\377')"`, { env })
    expect(bytes.toString('hex')).toBe('e9ff')
    await place.run(['agent', 'stop'], { env })
  })
})

const engine = await requireEngine()

describe.skipIf(!engine)('a swarm whose hosts greet in their rc files', () => {
  let cluster: TestCluster

  beforeAll(async () => {
    cluster = new TestCluster({ DOCKER_HOST: engine?.host ?? '' })
    await cluster.succeed(['create', 'mg0,node1'])
    const greeting = `{ echo 'echo "${BASHRC_SAYS}"; : >/root/greeted'; cat .bashrc; }`
    await cluster.succeed(['exec', '*', '--shell', `touch .bashrc && ${greeting} >new && mv new .bashrc`])
    // So that requests to the engine go through a shell as well.
    const forward =
      "echo 'AllowStreamLocalForwarding no' >/etc/ssh/sshd_config.d/no-socket.conf; pkill -HUP -o sshd"
    await cluster.succeed(['exec', '*', '--shell', forward])
  })
  afterAll(() => cluster?.destroy())

  it('is formed, tells its token, and is backed up', async () => {
    await cluster.succeed(['exec', '*', '--', 'ls', '/root/greeted'])
    await cluster.succeed(['swarm', 'init', 'mg0'])
    await cluster.succeed(['swarm', 'join', 'mg0', 'node1'])
    expect(await cluster.succeed(['swarm', 'token', 'worker'])).toMatch(/^SWMTKN-\S+\n$/)
    expect(JSON.parse(await cluster.succeed(['swarm', 'status', '--json']))).toMatchObject({
      verdict: 'healthy',
    })
    await cluster.succeed(['cp', 'mg0:/root/.bashrc', 'got'])
    expect(readFileSync(join(cluster.folder, 'got/mg0-.bashrc'), 'utf8')).toMatch(/^echo "Welcome/)
    await cluster.succeed(['swarm', 'backup', '--out', 'state.tar', '--allow-outage'])
  })

  it('finds docker where a shell knows it only after a login', async () => {
    await cluster.succeed([
      'exec',
      'node1',
      '--shell',
      'mkdir -p /opt/bin && mv "$(command -v docker)" /opt/bin/',
    ])
    expect(
      await cluster.succeed(['--host', 'node1', 'docker', 'info', '--format', '{{.Swarm.LocalNodeState}}']),
    ).toBe('active\n')
  })
})
