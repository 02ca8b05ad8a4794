import { spread } from '../contest.ts'
import type { Bench, Section } from '../section.ts'
import { lightServer } from '../servers.ts'
import { belt, countHellos } from '../tools.ts'
import { atMost, told } from '../verdict.ts'
import { warmUp } from '../warm-up.ts'
import { type Watched, watched } from '../watch.ts'

const MANY = 5_000
const SOME = 500

/** Ten times as many hosts take ten times as long, and no more. */
export async function many({ stage, repetitions }: Bench): Promise<Section> {
  const server = await lightServer(stage)
  const at = (hosts: number) => ({ stage, port: server.port, hosts })
  try {
    const some: Watched[] = []
    const more: Watched[] = []
    for (const hosts of [SOME, MANY]) await warmUp(at(hosts))
    for (let round = 0; round < repetitions; round++) {
      some.push(await watched(stage, belt(at(SOME))))
      more.push(await watched(stage, belt(at(MANY))))
    }
    const took = (runs: readonly Watched[]) => spread(runs.map(({ wallMs }) => wallMs)).median
    const most = (figure: (run: Watched) => number) => Math.max(...more.map(figure))
    return {
      id: 'many',
      title: `${MANY} hosts`,
      text: `Fake hosts in another process, ${server.what}, with Belt's own window. Times are medians of ${repetitions}, the start of the program included; all else is the worst of them.`,
      verdicts: [
        atMost(`time, of ten times that of ${SOME}`, 1.15, took(more) / (10 * took(some)), { unit: ' x' }),
        told(`time a host of ${SOME}`, took(some) / SOME, ' ms'),
        told(`time a host of ${MANY}`, took(more) / MANY, ' ms'),
        atMost(
          'memory at its peak',
          300,
          most(({ peakMB }) => peakMB),
          { unit: ' MB' },
        ),
        atMost(
          'event loop blocked, at most',
          100,
          most(({ blockedMs }) => blockedMs),
          { unit: ' ms' },
        ),
        atMost(
          'answers lost',
          0,
          most(({ stdout }) => MANY - countHellos(stdout)),
        ),
      ],
    }
  } finally {
    await server.stop()
  }
}
