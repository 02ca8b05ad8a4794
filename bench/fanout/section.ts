import type { Standing } from './contest.ts'
import type { Stage } from './stage.ts'
import type { Verdict } from './verdict.ts'

/** What all sections of the benchmark work with. */
export interface Bench {
  readonly stage: Stage
  readonly repetitions: number
  /** The program of the Go peer, where there is one. */
  readonly goPeer: string | undefined
}

/** A part of the benchmark: what was done, what each tool took, and what follows. */
export interface Section {
  readonly id: string
  readonly title: string
  readonly text: string
  readonly standings?: readonly Standing[]
  /** By how many the CPU time is divided. */
  readonly hosts?: number
  readonly verdicts: readonly Verdict[]
}
