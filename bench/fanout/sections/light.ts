import { contest } from '../contest.ts'
import { notice } from '../notice.ts'
import type { Bench, Section } from '../section.ts'
import { lightServer, peerServer, type Server } from '../servers.ts'
import { belt, goClient, peers, type Task, TUNED } from '../tools.ts'
import { atMost, isBelt, isGo, isPeer, ratio } from '../verdict.ts'
import { warmUp } from '../warm-up.ts'

const HOSTS = 500
const WINDOW = 64

/** The clients themselves: the server costs next to nothing, and leaves no choice of a key exchange. */
export async function light(bench: Bench): Promise<Section> {
  const server = await lightServer(bench.stage)
  return {
    ...(await measure(bench, server, { ssh: TUNED })),
    id: 'light',
    title: `${HOSTS} hosts behind a light server`,
    text: `\`echo hello\` on ${HOSTS} hosts, each a new connection, ${WINDOW} at once, behind ${server.what}, which offers curve25519 alone: the same key exchange for all.`,
  }
}

/** The same behind the server that belongs to the Go peer, to be held against what others measure with it. */
export async function lightPeer(bench: Bench): Promise<Section | undefined> {
  if (!bench.goPeer) return undefined
  try {
    const server = await peerServer(bench.stage, bench.goPeer)
    const ssh = { ...TUNED, KexAlgorithms: 'ecdh-sha2-nistp256' }
    return {
      ...(await measure(bench, server, { ssh, words: ['true'] })),
      id: 'light-peer',
      title: `${HOSTS} hosts behind the Go peer's server`,
      text: `\`true\` behind ${server.what}, which echoes nothing to Belt, because Belt's line begins with what tells its process id. It offers all key exchanges that it has: Belt prefers nistp256, and the tools with an ssh for each host are told to; the Go client has curve25519 built in.`,
    }
  } catch (error) {
    notice(`left out, the server of the Go peer: ${(error as Error).message}`)
    return undefined
  }
}

async function measure(
  { stage, repetitions, goPeer }: Bench,
  server: Server,
  asked: Pick<Task, 'ssh' | 'words'>,
): Promise<Pick<Section, 'standings' | 'hosts' | 'verdicts'>> {
  try {
    const task = { stage, port: server.port, hosts: HOSTS, window: WINDOW, ...asked }
    await warmUp(task)
    const standings = await contest([belt(task), ...goClient(goPeer, task), ...peers(task)], repetitions)
    const ofPeer = (figure: 'wallMs' | 'cpuMs') => ratio(standings, figure, isBelt, isPeer)
    const ofGo = ratio(standings, 'cpuMs', isBelt, isGo)
    return {
      standings,
      hosts: HOSTS,
      verdicts: [
        atMost('wall time, of the best peer', 0.25, ofPeer('wallMs'), { aim: 0.2 }),
        atMost('client CPU, of the best peer', 0.15, ofPeer('cpuMs'), { aim: 0.12 }),
        atMost('client CPU, of the Go client', 2.5, ofGo, { unit: ' x' }),
      ],
    }
  } finally {
    await server.stop()
  }
}
