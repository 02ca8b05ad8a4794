import { contest } from '../contest.ts'
import { run } from '../run.ts'
import type { Bench, Section } from '../section.ts'
import { beltIn, node } from '../tools.ts'
import { atMost, is, ratio } from '../verdict.ts'

const HOSTS = 500
const NODE = 'node -e 0'

/** What is paid before the first host is talked to; part of every other figure. */
export async function start({ stage, repetitions }: Bench): Promise<Section> {
  const cwd = stage.workplace(HOSTS, 22)
  await run(beltIn(cwd, 'active', 'node1'))
  const tools = [
    node(cwd, NODE, '-e', '0'),
    ...['active', 'use', '--version', 'ls'].map(word => beltIn(cwd, word)),
  ]
  const standings = await contest(tools, repetitions * 3)
  const active = ratio(standings, 'wallMs', is('belt active'), is(NODE))
  return {
    id: 'start',
    title: 'Start-up',
    text: `What is paid before the first host is talked to, with a config of ${HOSTS} hosts. It is part of each figure of Belt.`,
    standings,
    verdicts: [atMost('`belt active`, of node alone', 2, active, { unit: ' x' })],
  }
}
