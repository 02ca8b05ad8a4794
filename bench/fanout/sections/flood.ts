import type { Bench, Section } from '../section.ts'
import { startSshd } from '../servers.ts'
import { belt } from '../tools.ts'
import { atMost, told, type Verdict } from '../verdict.ts'
import { warmUp } from '../warm-up.ts'
import { watched } from '../watch.ts'

const HOSTS = 100
const LINES = 50_000
/** After each 64 KiB: about 3 MB a second. */
const REST_MS = 20

/** More output than fits into memory several times over: every line arrives, whole, and in its order. */
export async function flood({ stage }: Bench): Promise<Section> {
  const server = await startSshd(stage)
  try {
    const task = { stage, port: server.port, hosts: HOSTS, words: ['seq', String(LINES)] }
    await warmUp(task)
    const read = async (reader: string, restMs: number): Promise<Verdict[]> => {
      const { wallMs, stdout, peakMB } = await watched(stage, { ...belt(task), restMs })
      return [
        told(`${reader}: wall time`, wallMs / 1000, ' s'),
        atMost(`${reader}: lines lost or mixed`, 0, faultsOf(stdout)),
        atMost(`${reader}: memory at its peak`, 300, peakMB, { unit: ' MB' }),
      ]
    }
    return {
      id: 'flood',
      title: `${LINES} lines from each of ${HOSTS} hosts`,
      text: `\`belt exec '*' -- seq ${LINES}\` into a pipe, behind sshd, once with a reader that takes what comes, once with one that rests for ${REST_MS} ms after each chunk.`,
      verdicts: [...(await read('a fast reader', 0)), ...(await read('a slow reader', REST_MS))],
    }
  } finally {
    await server.stop()
  }
}

/** How many lines are missing, and how many are there that do not follow the one before of their host. */
function faultsOf(output: string): number {
  const last = new Map<string, number>()
  const lines = output.trimEnd().split('\n')
  for (const line of lines) {
    const [host = '', number] = line.split(': ')
    if (Number(number) === (last.get(host) ?? 0) + 1) last.set(host, Number(number))
  }
  const inOrder = [...last.values()].reduce((sum, count) => sum + count, 0)
  return HOSTS * LINES - inOrder + lines.length - inOrder
}
