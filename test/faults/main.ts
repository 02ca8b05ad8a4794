import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { reasonOf } from '../../src/errors.ts'
import { TestCluster } from '../support/cluster.ts'
import { requireEngine } from '../support/engine.ts'
import { agentAttacks } from './agents.ts'
import { answerAttacks } from './answers.ts'
import type { Arena, Attack } from './attack.ts'
import { cutAttacks } from './cuts.ts'
import { inputAttacks } from './inputs.ts'
import { killAttacks } from './kills.ts'
import { raceAttacks } from './races.ts'
import { secretAttacks } from './secrets.ts'

/** These need no swarm. */
const IN_PROCESS: Readonly<Record<string, (seed: number) => Attack[]>> = {
  inputs: inputAttacks,
  answers: answerAttacks,
}
const ON_A_SWARM: Readonly<Record<string, (arena: Arena) => Attack[]>> = {
  kills: killAttacks,
  cuts: cutAttacks,
  races: raceAttacks,
  agents: agentAttacks,
  secrets: secretAttacks,
}
const SECTIONS = [...Object.keys(IN_PROCESS), ...Object.keys(ON_A_SWARM)]

/**
 * Attacks the built Belt, and counts what it survives:
 * `npm run test:faults -- [SECTION...] [--seed N] [--rounds N]`. The same seed makes the same attacks.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string' }, rounds: { type: 'string', default: '1' } },
})
const chosen = positionals.length > 0 ? positionals : SECTIONS
const strange = chosen.find(id => !SECTIONS.includes(id))
if (strange) throw new Error(`no section ${strange}; there are ${SECTIONS.join(', ')}`)
const seed = values.seed ? Number(values.seed) : randomInt(2 ** 31)
const rounds = Number(values.rounds)
const say = (line: string) => process.stdout.write(`${line}\n`)
say(`seed ${seed}`)

const figures: string[] = []
let fell = 0

async function attackWith(id: string, attacks: readonly Attack[]): Promise<void> {
  let tried = 0
  let survived = 0
  for (const { title, cases = 1, run } of attacks) {
    tried += cases
    try {
      await run()
      survived += cases
      say(`${id}: ${title}: survived`)
    } catch (error) {
      fell++
      say(`${id}: ${title}: FELL\n${reasonOf(error)}`)
      if (error instanceof Error && error.cause) say(reasonOf(error.cause))
    }
  }
  figures.push(`${id.padEnd(8)} ${String(tried).padStart(6)} tried, ${String(survived).padStart(6)} survived`)
}

for (const [id, attacks] of Object.entries(IN_PROCESS))
  if (chosen.includes(id)) await attackWith(id, attacks(seed))

const onASwarm = Object.entries(ON_A_SWARM).filter(([id]) => chosen.includes(id))
if (onASwarm.length > 0) {
  const engine = await requireEngine()
  if (!engine) throw new Error('these attacks need a Docker Engine')
  const cluster = new TestCluster({ DOCKER_HOST: engine.host })
  try {
    await cluster.formSwarm(2)
    for (const [id, attacks] of onASwarm) await attackWith(id, attacks({ cluster, seed, rounds }))
  } finally {
    await cluster.destroy()
  }
}
say(`\nseed ${seed}\n${figures.join('\n')}`)
process.exitCode = fell > 0 ? 1 : 0
