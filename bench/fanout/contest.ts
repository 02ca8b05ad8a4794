import { cpuMsOf } from './processes.ts'
import { type Invocation, type Measured, run } from './run.ts'

/** A tool that does the work of a contest. */
export interface Contestant extends Invocation {
  readonly name: string
  /** Whether every host answered; only such runs count. */
  readonly isComplete: (measured: Measured) => boolean
  /** Processes that hold its connections from run to run; the CPU time that they take meanwhile is the tool's. */
  readonly keepers?: readonly number[]
  /** Resolves when what a run leaves to be done afterwards is done, so that it falls into no other tool's time. */
  readonly settled?: () => Promise<void>
}

export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

export interface Standing {
  readonly name: string
  readonly wallMs: Spread
  readonly cpuMs: Spread
  readonly complete: number
  readonly runs: number
}

/**
 * Runs the tools in turn, as often as told, so that what else the machine does meets them alike.
 * @returns those that had a complete run, as they were given
 */
export async function contest(contestants: readonly Contestant[], repetitions: number): Promise<Standing[]> {
  const complete = new Map<string, Measured[]>(contestants.map(({ name }) => [name, []]))
  for (let round = 0; round < repetitions; round++)
    for (const contestant of contestants) {
      const measured = await compete(contestant)
      await contestant.settled?.()
      const counts = contestant.isComplete(measured)
      if (counts) complete.get(contestant.name)?.push(measured)
      progress(contestant.name, measured, counts)
    }
  return contestants.flatMap(({ name }) => {
    const runs = complete.get(name) ?? []
    if (runs.length === 0) return []
    return [
      {
        name,
        wallMs: spread(runs.map(({ wallMs }) => wallMs)),
        cpuMs: spread(runs.map(({ cpuMs }) => cpuMs)),
        complete: runs.length,
        runs: repetitions,
      },
    ]
  })
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (index: number) => sorted[index] ?? Number.NaN
  const middle = (sorted.length - 1) / 2
  return {
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    min: at(0),
    max: at(sorted.length - 1),
  }
}

async function compete(contestant: Contestant): Promise<Measured> {
  const { keepers = [] } = contestant
  const before = cpuMsOf(keepers)
  const measured = await run(contestant)
  return { ...measured, cpuMs: measured.cpuMs + cpuMsOf(keepers) - before }
}

function progress(name: string, { wallMs, cpuMs, stderr }: Measured, counts: boolean): void {
  const fate = counts ? '' : ` does not count: ${stderr.trim().split('\n').at(-1)}`
  process.stderr.write(`${name}: ${Math.round(wallMs)} ms, CPU ${Math.round(cpuMs)} ms${fate}\n`)
}
