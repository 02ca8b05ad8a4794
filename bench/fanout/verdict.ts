import type { Standing } from './contest.ts'

/** A figure, and what it is held against. */
export interface Verdict {
  readonly figure: string
  /** Empty where it is told only. */
  readonly target: string
  readonly measured: string
  readonly verdict: 'reached' | 'reached, the aim too' | 'missed' | ''
}

interface Terms {
  readonly unit?: string
  /** What is hoped for beyond the target. */
  readonly aim?: number
}

/** Holds a figure against the most that it may be; one that is undefined was not measured. */
export function atMost(
  figure: string,
  most: number,
  value: number | undefined,
  { unit = '', aim }: Terms = {},
): Verdict {
  const target = `<= ${most}${unit}${aim === undefined ? '' : ` (aim ${aim})`}`
  const measured = text(value, unit)
  if (value === undefined) return { figure, target, measured, verdict: '' }
  const reached = aim !== undefined && value <= aim ? 'reached, the aim too' : 'reached'
  return { figure, target, measured, verdict: value <= most ? reached : 'missed' }
}

/** A figure that has no target. */
export function told(figure: string, value: number | undefined, unit = ''): Verdict {
  return { figure, target: '', measured: text(value, unit), verdict: '' }
}

type Figure = 'wallMs' | 'cpuMs'
type Matches = (name: string) => boolean

/** The medians of what Belt took and of what the best of some tools took; undefined where one has none. */
export function ratio(
  standings: readonly Standing[],
  figure: Figure,
  of: Matches,
  to: Matches,
): number | undefined {
  const [mine, theirs] = [best(standings, figure, of), best(standings, figure, to)]
  return mine !== undefined && theirs !== undefined ? mine / theirs : undefined
}

export const isBelt: Matches = name => name.startsWith('belt')
export const isGo: Matches = name => name.startsWith('go')
/** The tools that start one process for each host. */
export const isPeer: Matches = name => !isBelt(name) && !isGo(name)
export const is =
  (wanted: string): Matches =>
  name =>
    name === wanted

/** To three digits, and to whole numbers above. */
export function rounded(value: number): number {
  return value >= 100 ? Math.round(value) : Number(value.toPrecision(3))
}

function text(value: number | undefined, unit: string): string {
  return value === undefined ? 'not measured' : `${rounded(value)}${unit}`
}

function best(standings: readonly Standing[], figure: Figure, matches: Matches): number | undefined {
  const medians = standings.filter(({ name }) => matches(name)).map(standing => standing[figure].median)
  return medians.length > 0 ? Math.min(...medians) : undefined
}
