import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BeltError } from '../../src/errors.ts'
import type { Answer } from '../../src/hosts/fan-out.ts'
import { answerLines } from '../../src/ui/answers.ts'
import { backupText, restoredText, restorePlanText, verifiedText } from '../../src/ui/backup.ts'
import { clusterTable } from '../../src/ui/clusters.ts'
import { describeLeft, describeLost } from '../../src/ui/contents.ts'
import { departureQuestion } from '../../src/ui/departure.ts'
import { describeDrain, drainedLines } from '../../src/ui/drain.ts'
import { renderError } from '../../src/ui/error.ts'
import { gathered } from '../../src/ui/gathered.ts'
import { describeImpact } from '../../src/ui/impact.ts'
import { startLine } from '../../src/ui/init.ts'
import { joinedLines } from '../../src/ui/join.ts'
import { journalTable } from '../../src/ui/journal.ts'
import { kernelText } from '../../src/ui/kernel.ts'
import { labelLines } from '../../src/ui/labels.ts'
import { lines } from '../../src/ui/lines.ts'
import { lockLines, releasedLine } from '../../src/ui/lock.ts'
import { machineTable } from '../../src/ui/machines.ts'
import { orphanTable } from '../../src/ui/orphans.ts'
import { prefixedLines } from '../../src/ui/prefixed-lines.ts'
import { openProgress } from '../../src/ui/progress.ts'
import { recoveredText, recoveryPlanText } from '../../src/ui/recovery.ts'
import { removedLines } from '../../src/ui/removal.ts'
import { runSummary } from '../../src/ui/run-summary.ts'
import { Stdio } from '../../src/ui/stdio.ts'
import { swarmStatusText } from '../../src/ui/swarm-status.ts'
import { upgradedLine } from '../../src/ui/upgrade.ts'

/** What a terminal would obey, or what would hide what stands there. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are what it is about
const OBEYED = /[\0-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/
const HOSTILE = fc
  .array(
    fc.constantFrom(
      '\n',
      '\r',
      '\t',
      '\0',
      '\x1b[2J',
      '\x1b]0;x\x07',
      '\x1b[31m',
      '\x7f',
      '\u009b2J',
      '\u202e',
      'mg0',
      ' ',
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map(parts => `x${parts.join('')}`)

const ok = <T>(host: string, value: T): Answer<T> => ({ host, ok: true, value, durationMs: 1 })
const failed = (host: string, message: string): Answer<never> => ({
  host,
  ok: false,
  error: new BeltError('failed', message, { hint: message, host }),
  durationMs: 1,
})
/** The functions take more than they show. */
const as = <T>(value: unknown) => value as T

type Show = (text: string) => string | undefined

const FORCE = (x: string) => ({
  kind: 'force',
  clusterId: x,
  chosen: { name: x, address: x, progress: { commit: 1 } },
  survivors: [
    { name: 'mg9', progress: { commit: 2 } },
    { name: x, progress: { commit: 1 } },
  ],
  lost: [{ name: x, why: x, off: true }],
})
const MANIFEST = (x: string) => ({
  cluster: x,
  clusterId: x,
  createdAt: x,
  autolock: true,
  node: { id: '1', name: x, address: x },
  managers: [{ id: x, hostname: x, address: x }],
  contents: { services: [x], secrets: [x], configs: [x], networks: [x], nodes: [x] },
})
const CLAIM = (x: string) => ({ token: x, holder: x, command: x, since: x })
const STATUS = (x: string) => ({
  cluster: 'shop',
  verdict: 'degraded',
  group: { managers: 1, reachable: 1 },
  tolerance: 0,
  leader: x,
  askedOf: x,
  problems: [x],
  warnings: [x],
  rows: [
    {
      name: x,
      class: 'unreachable',
      detail: x,
      mend: x,
      machine: 'active',
      host: x,
      node: { role: 'worker', state: x, availability: x, engineVersion: x },
    },
  ],
})

/** Texts whose lines are counted: a value from outside adds none. */
const ROWS: Record<string, Show> = {
  answerLines: x => answerLines([ok(x, x)], value => value),
  backupText: x => backupText(as({ file: x, manifest: MANIFEST(x) })),
  clusterTable: x =>
    clusterTable(
      as([{ cluster: x, activeHost: x, leader: x, managers: [x], machines: undefined, unknown: x }]),
      {},
    ),
  departureQuestion: x => departureQuestion(as({ workers: [{ name: x }], managers: [], group: {} }), x),
  describeDrain: x =>
    describeDrain(
      as([
        { service: x, kind: 'downtime', reason: x },
        { service: x, kind: 'stuck', reason: x },
      ]),
    ),
  describeLeft: x => describeLeft(as([{ name: x, containers: [x] }])),
  describeLost: x => describeLost(as([{ name: x, containers: [x], volumes: [x] }])),
  describeImpact: x => describeImpact(as({ kind: 'unknown', reason: x })).join('\n'),
  drainedLines: x => drainedLines(as([{ name: x, previous: x, changed: true }])),
  joinedLines: x => joinedLines(as([ok(x, { changed: true, role: x, isLate: false })])),
  journalTable: x =>
    journalTable(
      as([{ at: '2026-01-01', by: x, belt: x, host: x, what: x, before: x, after: x, result: x, error: x }]),
    ),
  kernelText: x =>
    kernelText(
      as([{ name: x, keys: [{ key: x, live: x, file: x, wanted: x, state: 'refused', reason: x }] }]),
    ),
  labelLines: x => labelLines([ok(x, [x])]),
  lines: x => lines([x]),
  lockLines: x =>
    lockLines(as({ place: x, lease: { claim: CLAIM(x), renewedAt: new Date(0), readAt: new Date(0) } })),
  machineTable: x =>
    machineTable(as([{ name: x, image: x, region: x, status: 'off', reason: x, publicAddress: x }])),
  orphanTable: x => orphanTable(as([{ name: x, status: 'off', region: x, createdAt: x, why: x }]), {}),
  recoveredText: x =>
    recoveredText(
      as({
        manager: x,
        rejoined: [ok(x, undefined)],
        removed: [ok(x, undefined)],
        workers: { back: [x], missing: [x] },
      }),
    ),
  recoveryPlanText: x => recoveryPlanText(as(FORCE(x))),
  releasedLine: x => releasedLine(CLAIM(x)),
  removedLines: x => removedLines(as({ answers: [ok(x, undefined)], destruction: { destroyed: [x] } })),
  restoredText: x =>
    restoredText(
      as({ node: x, aside: x, address: x, changed: true }),
      as({ alias: true, manifest: MANIFEST(x) }),
    ),
  restorePlanText: x =>
    restorePlanText(as({ machine: { name: x }, manifest: MANIFEST(x), alias: true, done: false, off: [x] })),
  startLine: x => startLine({ node: x, address: x, changed: true }),
  upgradedLine,
  verifiedText: x => verifiedText(as({ file: x, manifest: MANIFEST(x), contents: MANIFEST(x).contents })),
}

/** Texts with messages, whose further lines are indented. */
const MESSAGES: Record<string, Show> = {
  renderError: x => renderError(new BeltError('failed', x, { hint: x })),
  runSummary: x => runSummary([failed('mg0', x)], 1),
  swarmStatusText: x => swarmStatusText(as(STATUS(x)), {}),
  'renderError of what is no error of Belt': x => renderError(Object.assign(new Error(x), { stack: x })),
}

const linesIn = (text = '') => text.split('\n').length

describe('what came from outside', () => {
  it.each(Object.entries(ROWS))('adds no line and no control character to %s', (_, show) => {
    fc.assert(
      fc.property(HOSTILE, text => {
        expect(show(text)).not.toMatch(OBEYED)
        expect(linesIn(show(text))).toBe(linesIn(show('x')))
      }),
    )
  })

  it.each(Object.entries(MESSAGES))(
    'adds no control character and no line at the margin to %s',
    (_, show) => {
      const atMargin = (text = '') => text.split('\n').filter(row => /^\S/.test(row)).length
      fc.assert(
        fc.property(HOSTILE, text => {
          expect(show(text)?.replaceAll('\t', '')).not.toMatch(OBEYED)
          expect(atMargin(show(text))).toBe(atMargin(show('x')))
        }),
      )
    },
  )

  it('cannot steer the terminal through progress', async () => {
    const out = new PassThrough()
    const progress = openProgress(as(out))
    fc.assert(
      fc.property(HOSTILE, text => {
        const task = progress.start(text, 1)
        task.step(text)
        task.fail(text)
        progress.note(text)
      }),
    )
    out.end()
    expect((await out.setEncoding('utf8').toArray()).join('').replaceAll('\t', '')).not.toMatch(OBEYED)
  })

  it('is made harmless by the writer, whoever forgot it', async () => {
    const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() }
    const stdio = new Stdio(as(streams))
    await stdio.print('\x1b[32mok\x1b[39m \x1b[2J\u009b2J\n')
    await stdio.report('\x1b]52;c;eA==\x07\n')
    const [stdout, stderr] = [streams.stdout, streams.stderr].map(stream => String(stream.read()))
    expect(stdout).toBe('\x1b[32mok\x1b[39m \\x1b[2J\\u009b2J\n')
    expect(stderr).toBe('\\x1b]52;c;eA==\\x07\n')
  })
})

describe('the outputs of several hosts', () => {
  const OUTPUT = 'fine\r\x1b[1Anode2: \x1b[31mforged\u009b2K'
  const HARMLESS = `${String.raw`fine\r\x1b[1Anode2: `}\x1b[31mforged\\u009b2K\x1b[0m`
  const group = {
    names: ['node1'],
    ending: undefined,
    truncated: false,
    lines: [OUTPUT],
    difference: undefined,
  }

  it('cannot pass for those of others when they are gathered on a terminal', () => {
    const [text = ''] = gathered([group], { maxOutputBytes: 10, stream: { isTTY: true } })
    expect(text.endsWith(`: ${HARMLESS}\n`)).toBe(true)
  })

  it('are left as they are when they are gathered into a file', () => {
    expect([...gathered([group], { maxOutputBytes: 10 })]).toEqual([`node1: ${OUTPUT}\n`])
  })

  it('cannot pass for those of others when they are streamed to a terminal', async () => {
    const target = Object.assign(new PassThrough(), { isTTY: true })
    const stream = prefixedLines('node1: ', target)
    await new Promise<void>(resolve => stream.end(`${OUTPUT}\nlast`, resolve))
    expect(String(target.read())).toBe(`node1: ${HARMLESS}\nnode1: last\n`)
  })
})
