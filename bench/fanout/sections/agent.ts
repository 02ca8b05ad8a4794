import { startAgent, startMasters } from '../agent.ts'
import { contest, type Standing } from '../contest.ts'
import type { Bench, Section } from '../section.ts'
import { startSshd } from '../servers.ts'
import { belt, peers, type Task, TUNED, xargs } from '../tools.ts'
import { atMost, is, isPeer, ratio, told } from '../verdict.ts'
import { warmUp } from '../warm-up.ts'

const HOSTS = 500
const WINDOW = 64
const DIRECT = 'belt, without its agent'
const AGENT = 'belt, through its agent'

/** The second command on the same hosts: Belt's agent or OpenSSH's masters hold the connections open. */
export async function agent({ stage, repetitions }: Bench): Promise<Section> {
  const server = await startSshd(stage)
  try {
    const task = { stage, port: server.port, hosts: HOSTS, window: WINDOW, ssh: TUNED, words: ['true'] }
    const standings = await withAndWithoutAgent(task, repetitions)
    const throughAgent = (figure: 'wallMs' | 'cpuMs', to: (name: string) => boolean) =>
      ratio(standings, figure, is(AGENT), to)
    return {
      id: 'agent',
      title: `A second command on ${HOSTS} hosts`,
      text: `\`true\` on ${HOSTS} hosts behind one sshd, ${WINDOW} at once, from the shell: Belt through its agent, which has a session ready on each connection (opened between the runs, outside the measurement), the others over OpenSSH's control sockets, with one master per host. CPU includes the agent or the masters.`,
      standings,
      hosts: HOSTS,
      verdicts: [
        atMost('wall time, of a run without the agent', 0.1, throughAgent('wallMs', is(DIRECT))),
        atMost('wall time, of the best tool with control sockets', 0.33, throughAgent('wallMs', isPeer)),
        told('CPU, of the best tool with control sockets', throughAgent('cpuMs', isPeer)),
      ],
    }
  } finally {
    await server.stop()
  }
}

async function withAndWithoutAgent(task: Task, repetitions: number): Promise<Standing[]> {
  await warmUp(task)
  const tool = belt(task)
  // a command uses any agent that runs: here it must not find one
  const direct = { ...tool, name: DIRECT, env: { ...tool.env, XDG_RUNTIME_DIR: task.stage.folder } }
  const running = await startAgent({ ...tool, name: AGENT }, task.stage.workplace(task.hosts, task.port))
  try {
    const { pids, ssh } = startMasters(task)
    const tools = [...peers({ ...task, ssh }), xargs({ ...task, ssh })]
    const throughMasters = tools.map(tool => ({
      ...tool,
      name: `${tool.name}, through masters`,
      keepers: pids,
    }))
    return await contest([direct, running.tool, ...throughMasters], repetitions)
  } finally {
    await running.close()
  }
}
