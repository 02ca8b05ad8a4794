import { contest, type Standing } from '../contest.ts'
import type { Bench, Section } from '../section.ts'
import { startSshd } from '../servers.ts'
import { belt, goClient, peers, type Task, TUNED } from '../tools.ts'
import { atMost, is, isBelt, isGo, isPeer, ratio } from '../verdict.ts'
import { warmUp } from '../warm-up.ts'

const HOSTS = 500
const FEW = 10
const AS_SHIPPED = 100

/** OpenSSH behind all hosts, on the same machine: its own cost is in every wall time. */
export async function sshd(bench: Bench): Promise<Section> {
  const task = { hosts: HOSTS, window: 64, ssh: TUNED }
  const standings = await behindSshd(bench, task, bench.repetitions)
  const ofGo = ratio(standings, 'wallMs', isBelt, isGo)
  return {
    id: 'sshd',
    title: `${HOSTS} hosts behind one sshd`,
    text: 'The same behind OpenSSH on the same machine, whose cost is in every wall time. It offers curve25519 alone: the same key exchange for all.',
    standings,
    hosts: HOSTS,
    verdicts: [
      atMost('wall time, of the best peer', 0.65, ratio(standings, 'wallMs', isBelt, isPeer)),
      atMost('wall time, of the Go client', 1.05, ofGo, { unit: ' x' }),
    ],
  }
}

/** A handful of hosts, where the start of the program costs most. */
export async function few(bench: Bench): Promise<Section> {
  const task = { hosts: FEW, window: 64, ssh: TUNED }
  const standings = await behindSshd(bench, task, bench.repetitions * 2)
  const ofPdsh = ratio(standings, 'wallMs', isBelt, is('pdsh'))
  return {
    id: 'few',
    title: `${FEW} hosts behind one sshd`,
    text: 'A handful of hosts, where the start of the program costs most; it is part of the time.',
    standings,
    hosts: FEW,
    verdicts: [atMost('wall time, of pdsh', 1, ofPdsh, { unit: ' x' })],
  }
}

/** The tools without a word of tuning. Nothing follows from it: OpenSSH's own key exchange is what is measured. */
export async function asShipped(bench: Bench): Promise<Section> {
  return {
    id: 'as-shipped',
    title: `${AS_SHIPPED} hosts behind one sshd, as shipped: nothing is claimed`,
    text: 'Nobody is told anything. OpenSSH then agrees on a key exchange that withstands quantum computers and costs the most here, which Belt has not: these rows compare cryptography, not tools, and nothing is claimed on them.',
    standings: await behindSshd(bench, { hosts: AS_SHIPPED }, 1),
    hosts: AS_SHIPPED,
    verdicts: [],
  }
}

/** @param more without `ssh` nobody is told anything, and neither is the server */
async function behindSshd(
  { stage, goPeer }: Bench,
  more: Pick<Task, 'hosts' | 'window' | 'ssh'>,
  repetitions: number,
): Promise<Standing[]> {
  const server = await startSshd(stage, { asShipped: more.ssh === undefined })
  try {
    const task = { stage, port: server.port, ...more }
    await warmUp(task)
    return await contest([belt(task), ...goClient(goPeer, task), ...peers(task)], repetitions)
  } finally {
    await server.stop()
  }
}
