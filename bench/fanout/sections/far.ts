import { type Contestant, contest, type Standing } from '../contest.ts'
import { run } from '../run.ts'
import type { Bench, Section } from '../section.ts'
import { lightServer, startRelay, startSshd } from '../servers.ts'
import { belt, goClient, peers, TUNED } from '../tools.ts'
import { atMost, isBelt, isPeer, ratio } from '../verdict.ts'
import { warmUp } from '../warm-up.ts'

const HOSTS = 500
const RTT_MS = 50
const WINDOWS = [128, 256, 512]

/** Hosts that are far away: the window counts, and the round trips. */
export async function far(bench: Bench): Promise<Section> {
  const { stage, repetitions } = bench
  const server = await lightServer(stage)
  const distance = await startRelay(server.port, RTT_MS)
  try {
    const at = (window: number) => ({ stage, port: distance.port, hosts: HOSTS, window, ssh: TUNED })
    await warmUp(at(64))
    const tools = WINDOWS.flatMap(window => {
      const task = at(window)
      return [belt(task), ...goClient(bench.goPeer, task), ...peers(task)].map(named(window))
    })
    const standings = bestWindows(await contest(tools, Math.max(1, repetitions - 1)))
    return {
      id: 'far',
      title: `${HOSTS} hosts, ${RTT_MS} ms away`,
      text: `Behind ${server.what} and a relay that delays each direction by ${RTT_MS / 2} ms. Each tool with the best of the windows ${WINDOWS.join(', ')}.`,
      standings,
      hosts: HOSTS,
      verdicts: [
        atMost('wall time, of the best peer', 0.3, ratio(standings, 'wallMs', isBelt, isPeer), { aim: 0.25 }),
        atMost('round trips of a host, sshd', 10, await roundTrips(bench)),
      ],
    }
  } finally {
    await distance.stop()
    await server.stop()
  }
}

/** The most round trips that one of a few hosts took against sshd, from the first packet to the last answer. */
async function roundTrips({ stage }: Bench): Promise<number> {
  const server = await startSshd(stage)
  const distance = await startRelay(server.port, RTT_MS)
  try {
    const task = { stage, port: distance.port, hosts: 20 }
    await warmUp(task)
    await distance.ask()
    await run(belt(task))
    return JSON.parse(await distance.ask()).most
  } finally {
    await distance.stop()
    await server.stop()
  }
}

function named(window: number): (tool: Contestant) => Contestant {
  return tool => ({ ...tool, name: `${tool.name}, ${window} at once` })
}

/** The fastest standing of each tool, whose name stands before the comma. */
function bestWindows(standings: readonly Standing[]): Standing[] {
  const best = new Map<string, Standing>()
  for (const standing of standings) {
    const tool = String(standing.name.split(',')[0])
    const known = best.get(tool)
    if (!known || standing.wallMs.median < known.wallMs.median) best.set(tool, standing)
  }
  return [...best.values()]
}
