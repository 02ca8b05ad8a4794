import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { writeReport } from './fanout/document.ts'
import { goPeer } from './fanout/go.ts'
import { notice } from './fanout/notice.ts'
import type { Bench, Section } from './fanout/section.ts'
import { agent } from './fanout/sections/agent.ts'
import { docker } from './fanout/sections/docker.ts'
import { far } from './fanout/sections/far.ts'
import { flood } from './fanout/sections/flood.ts'
import { light, lightPeer } from './fanout/sections/light.ts'
import { many } from './fanout/sections/many.ts'
import { asShipped, few, sshd } from './fanout/sections/sshd.ts'
import { start } from './fanout/sections/start.ts'
import { Stage } from './fanout/stage.ts'
import { shown, summaryOf } from './fanout/tables.ts'

/** In the order of the document; each is measured apart, and kept there until it is measured again. */
const SECTIONS: Record<string, (bench: Bench) => Promise<Section | undefined>> = {
  light,
  'light-peer': lightPeer,
  sshd,
  few,
  far,
  agent,
  many,
  flood,
  start,
  docker,
  'as-shipped': asShipped,
}

const QUIET_LOAD = 0.5

/**
 * Measures Belt's fan-out beside its peers: `npm run bench:fanout -- [SECTION...] [--repetitions 5] [--go FILE]`.
 * `--go` is a compiled client, or its source (default: `../shared/bench/peer-go/main.go`).
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    repetitions: { type: 'string', default: '5' },
    go: { type: 'string', default: process.env.BELT_BENCH_GO ?? '../shared/bench/peer-go/main.go' },
  },
})
const ids = positionals.length > 0 ? positionals : Object.keys(SECTIONS)
const strange = ids.find(id => !SECTIONS[id])
if (strange) throw new Error(`no section ${strange}; there are ${Object.keys(SECTIONS).join(', ')}`)
const [load = 0] = loadavg()
if (load > QUIET_LOAD) notice(`the load is ${load.toFixed(1)}: this machine does something else too`)

const stage = new Stage()
const measured: Section[] = []
try {
  const bench = { stage, repetitions: Number(values.repetitions), goPeer: goPeer(stage, values.go) }
  for (const id of ids) {
    const loads = { atFirst: load, before: loadavg()[0] ?? 0 }
    const section = await SECTIONS[id]?.(bench)
    if (!section) continue
    process.stdout.write(shown(section))
    writeReport('docs/benchmarks.md', Object.keys(SECTIONS), { section, loads })
    measured.push(section)
  }
} finally {
  stage.remove()
}
process.stdout.write(summaryOf(measured))
