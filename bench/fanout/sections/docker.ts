import { execFileSync } from 'node:child_process'
import { startAgent, startMasters } from '../agent.ts'
import { contest, type Standing } from '../contest.ts'
import { notice } from '../notice.ts'
import { run } from '../run.ts'
import type { Bench, Section } from '../section.ts'
import { startRelay, startSshd } from '../servers.ts'
import { addresses } from '../stage.ts'
import { beltIn, node, type Task, TUNED } from '../tools.ts'
import { is, ratio, told } from '../verdict.ts'

const RTT_MS = 50
const BELT = 'belt docker ps'
const BARE = 'ssh HOST docker ps'
const AWAY = `, ${RTT_MS} ms away`

/** A short command on one host whose connection is open; left out where there is no Docker Engine. */
export async function docker({ stage, repetitions }: Bench): Promise<Section | undefined> {
  const engine = engineHost()
  if (engine === undefined) return undefined
  const server = await startSshd(stage, { env: { DOCKER_HOST: engine } })
  const distance = await startRelay(server.port, RTT_MS)
  try {
    const at = (port: number) => ({ stage, port, hosts: 1, ssh: TUNED })
    const here = await beltAndSsh(at(server.port), repetitions * 3)
    const away = await beltAndSsh(at(distance.port), repetitions * 3)
    const standings = [...here, ...away.map(standing => ({ ...standing, name: standing.name + AWAY }))]
    const wall = (where: string) => ratio(standings, 'wallMs', is(BELT + where), is(BARE + where))
    return {
      id: 'docker',
      title: '`belt docker ps` on a host',
      text: `The docker of this machine and its engine behind sshd, from the shell: Belt through its agent, \`ssh\` over a control socket; once without delay, once behind a relay that delays each direction by ${RTT_MS / 2} ms. CPU includes the agent or the master.`,
      standings,
      verdicts: ['', AWAY].map(where =>
        told(`wall time, of a bare ssh through a control socket${where}`, wall(where), ' x'),
      ),
    }
  } finally {
    await distance.stop()
    await server.stop()
  }
}

async function beltAndSsh(task: Task, repetitions: number): Promise<Standing[]> {
  const { stage, port, hosts } = task
  const cwd = stage.workplace(hosts, port)
  await run(beltIn(cwd, 'active', 'node1'))
  const agent = await startAgent(beltIn(cwd, 'docker', 'ps'), cwd)
  try {
    const { pids, ssh } = startMasters(task)
    const words = ['-F', stage.sshConfig(port, ssh), ...addresses(hosts), 'docker', 'ps']
    const bare = { ...agent.tool, name: BARE, argv: ['ssh', ...words] as const, keepers: pids }
    return await contest([agent.tool, bare, node(cwd, 'node -e 0', '-e', '0')], repetitions)
  } finally {
    await agent.close()
  }
}

/** The engine that answers here, or one that is installed and started where that can be done without asking. */
function engineHost(): string | undefined {
  try {
    const script = execFileSync('bash', ['scripts/engine.sh'], { stdio: ['ignore', 'pipe', 'inherit'] })
    return script.toString().trim()
  } catch {
    notice('left out, belt docker ps: no Docker Engine answers')
    return undefined
  }
}
