import { beforeAll, describe, expect, it } from 'vitest'
import { pipedResults, type Shown, shownOnTerminal } from '../support/screen.ts'

const WIDTHS = [40, 80, 200, 0]

let results: Shown
let screens: Shown[]

beforeAll(async () => {
  ;[results, ...screens] = await Promise.all([pipedResults(), ...WIDTHS.map(shownOnTerminal)])
}, 120_000)

describe.each(WIDTHS)('a terminal of %i columns', columns => {
  const shown = (scenario: string) => screens[WIDTHS.indexOf(columns)]?.get(scenario) ?? []

  it.each(['exec', 'exec-failing', 'swarm-status', 'ls', 'nested'])(
    'shows every line of the result: %s',
    scenario => {
      const result = results.get(scenario) ?? []
      expect(result).not.toEqual([])
      expect(shown(scenario).join('\n')).toContain(result.join('\n'))
    },
  )

  it('shows one line for each piece of work that has ended, and then the result', () => {
    expect(shown('exec')).toEqual([
      expect.stringMatching(/^✔ Running cat \/etc\/debian_version 4\/4(?: \(\d+ s\))?$/),
      'node[1:4] (4): 12.15',
      expect.stringMatching(/^4 of 4 succeeded in /),
    ])
  })

  it('sums up the failures below the result', () => {
    expect(shown('exec-failing')).toContain('node2, exit code 1: stderr: node2 was here')
    expect(shown('exec-failing').at(-1)).toBe('failed on 1 of 4: node2')
  })

  it('shows what is written while work runs above the line of the work', () => {
    expect(shown('while-running')).toEqual([
      'node1: is a manager now',
      'warning: two managers tolerate no loss',
      'node2: is a manager now',
      '✔ Promoting nodes 0/2',
      '✔ Waiting for the swarm to become healthy',
      'all nodes are managers',
    ])
  })

  it('shows the work that an error has ended as failed, and then the error', () => {
    expect(shown('abandoned')).toEqual(['✖ Copying 1/2', 'belt: no room is left', '  remove something'])
  })
})
