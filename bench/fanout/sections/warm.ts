import { contest, type Standing } from '../contest.ts'
import { keptByAgent, keptByMasters } from '../kept.ts'
import type { Bench, Section } from '../section.ts'
import { startSshd } from '../servers.ts'
import { belt, peers, type Task, TUNED, xargs } from '../tools.ts'
import { atMost, is, isPeer, ratio, told } from '../verdict.ts'
import { warmUp } from '../warm-up.ts'

const HOSTS = 500
const WINDOW = 64
const COLD = 'belt, cold'
const WARM = 'belt, warm'

/** The second command on the same hosts: its connections are open, kept by Belt's agent or by OpenSSH's masters. */
export async function warm({ stage, repetitions }: Bench): Promise<Section> {
  const server = await startSshd(stage)
  try {
    const task = { stage, port: server.port, hosts: HOSTS, window: WINDOW, ssh: TUNED, words: ['true'] }
    const standings = await coldAndWarm(task, repetitions)
    const warmOf = (figure: 'wallMs' | 'cpuMs', to: (name: string) => boolean) =>
      ratio(standings, figure, is(WARM), to)
    return {
      id: 'warm',
      title: `A second command on ${HOSTS} hosts`,
      text: `\`true\` on ${HOSTS} hosts behind one sshd, ${WINDOW} at once, from the shell: Belt over the connections that its agent keeps, each with a session that waits (begun between the runs, while nothing is measured), the others over OpenSSH's control sockets, a master for each host. CPU is that of the client and of what keeps its connections: the agent, the masters.`,
      standings,
      hosts: HOSTS,
      verdicts: [
        atMost('wall time, of the cold run', 0.1, warmOf('wallMs', is(COLD))),
        atMost('wall time, of the best tool with control sockets', 0.33, warmOf('wallMs', isPeer)),
        told('CPU, of the best tool with control sockets', warmOf('cpuMs', isPeer)),
      ],
    }
  } finally {
    await server.stop()
  }
}

async function coldAndWarm(task: Task, repetitions: number): Promise<Standing[]> {
  await warmUp(task)
  const tool = belt(task)
  // a command uses the agent that runs, told to or not: it must not find it
  const cold = { ...tool, name: COLD, env: { ...tool.env, XDG_RUNTIME_DIR: task.stage.folder } }
  const agent = await keptByAgent({ ...tool, name: WARM }, task.stage.workplace(task.hosts, task.port))
  try {
    const { pids, ssh } = keptByMasters(task)
    const tools = [...peers({ ...task, ssh }), xargs({ ...task, ssh })]
    const keptOpen = tools.map(tool => ({ ...tool, name: `${tool.name}, warm`, keepers: pids }))
    return await contest([cold, agent.tool, ...keptOpen], repetitions)
  } finally {
    await agent.close()
  }
}
