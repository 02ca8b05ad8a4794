import { readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Contestant } from './contest.ts'
import { type Measured, run } from './run.ts'
import type { Stage } from './stage.ts'

const WATCH = resolve('bench/fanout/watch.cjs')

/** What Belt tells of itself at the end of a run. */
export interface Watched extends Measured {
  /** The longest time that the event loop was not free, from the first connection on. */
  readonly blockedMs: number
  /** The most memory that the process had, in 10^6 bytes. */
  readonly peakMB: number
}

/** Runs Belt and watches it from inside. @throws when it does not end by itself, or not as it should */
export async function watched(stage: Stage, tool: Contestant): Promise<Watched> {
  const report = join(stage.folder, 'watched.json')
  rmSync(report, { force: true })
  const env = { ...tool.env, NODE_OPTIONS: `--require ${WATCH}`, BENCH_WATCH: report }
  const measured = await run({ ...tool, env })
  if (measured.code !== 0) throw new Error(`belt ended with ${measured.code}: ${measured.stderr}`)
  return { ...measured, ...JSON.parse(readFileSync(report, 'utf8')) }
}
