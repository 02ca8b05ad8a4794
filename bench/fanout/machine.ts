import { execFileSync } from 'node:child_process'
import { availableParallelism, cpus, release } from 'node:os'

/** What the machine had to do besides, as the load of the minute before. */
export interface Loads {
  /** When the benchmark began. */
  readonly atFirst: number
  /** When the section began; after others it is also that of the benchmark itself. */
  readonly before: number
}

/** Where and when something was measured. */
export function machine({ atFirst, before }: Loads): string {
  const [model = 'unknown'] = cpus().map(cpu => cpu.model)
  const openssh = execFileSync('sh', ['-c', 'ssh -V 2>&1'], { encoding: 'utf8' }).trim().split(',')[0]
  const day = new Date().toISOString().slice(0, 10)
  const load = `load ${atFirst.toFixed(2)} when the benchmark began, ${before.toFixed(2)} when this part did`
  return `Measured on ${day}: ${availableParallelism()} x ${model}, Linux ${release()}, ${openssh}, Node ${process.version}; ${load}.`
}
