import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { AgentHosts } from '../../../../src/hosts/agent/client/agent-hosts.ts'
import { Kind } from '../../../../src/hosts/agent/protocol/frames.ts'
import { command } from '../../../../src/remote/command.ts'
import { settingsFor, TestAgent } from '../../../support/belt-agent.ts'
import { clientOf } from '../../../support/scripted-agent.ts'
import { Sink } from '../../../support/sink.ts'
import { sshHostsFor } from '../../../support/ssh-hosts.ts'
import { hasSshd, newKeyPair, Sshd } from '../../../support/sshd.ts'

describe.skipIf(!hasSshd)('hosts that are reached through the agent if possible', () => {
  let sshd: Sshd

  beforeEach(async () => {
    sshd = await Sshd.start({ config: ['SetEnv SHLVL=9'] })
  })
  afterEach(() => sshd.stop())

  /** @param agent the one that is used; none where it is absent */
  function hostsWith(agent?: TestAgent): AgentHosts {
    const hosts = new AgentHosts({
      direct: async () => sshHostsFor(sshd),
      agent: async () => agent?.connect(),
    })
    onTestFinished(() => hosts.close())
    return hosts
  }

  async function started(more: Parameters<typeof TestAgent.start>[1] = {}): Promise<TestAgent> {
    const agent = await TestAgent.start(sshd, more)
    onTestFinished(() => agent.dispose())
    return agent
  }

  it('are reached directly where no agent runs', async () => {
    const host = hostsWith().host(sshd.address('node1'))
    expect(await host.run(command('echo', 'direct'))).toMatchObject({ stdout: 'direct\n' })
  })

  it("use the agent's connection from one run to the next", async () => {
    const agent = await started()
    for (let run = 0; run < 2; run++) {
      await hostsWith(agent).host(sshd.address('node1')).run(command('true'))
    }
    expect(sshd.logins).toBe(1)
  })

  it('are reached directly for what begins after the agent was lost', async () => {
    const agent = await started()
    const host = hostsWith(agent).host(sshd.address('node1'))
    await host.run(command('true'))
    agent.terminate()
    await agent.ended
    expect(await host.run(command('echo', 'direct'))).toMatchObject({ stdout: 'direct\n' })
  })

  it('are reached directly for what an agent that ends did not take', async () => {
    const client = await clientOf((wire, { kind }) => {
      if (kind === Kind.open) wire.send(Kind.bye, 0)
    })
    const hosts = new AgentHosts({ direct: async () => sshHostsFor(sshd), agent: async () => client })
    onTestFinished(() => hosts.close())
    const result = await hosts.host(sshd.address('node1')).run(command('echo', 'direct'))
    expect(result).toMatchObject({ stdout: 'direct\n' })
  })

  it.each([
    ['the configured key', 'locked', 'locked'],
    ['the only default key', 'home/.ssh/id_ed25519', undefined],
  ])(
    'are reached directly, with all of their input, where %s takes a passphrase',
    async (_which, file, configured) => {
      const path = join(sshd.folder, file)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, newKeyPair('secret').privateKey, { mode: 0o600 })
      const { ssh } = settingsFor(sshd, '')
      const agent = await started({ ssh: { ...ssh, privateKey: configured && path } })
      const stdout = new Sink()
      const stdin = Readable.from(['one ', 'two'])
      const host = hostsWith(agent).host(sshd.address('node1'))
      expect(await host.stream(command('cat'), { stdin, stdout, stderr: new Sink() })).toEqual({ code: 0 })
      expect(stdout.text).toBe('one two')
    },
  )
})
