import type { Writable } from 'node:stream'
import type { Machine } from '../../drivers/driver.ts'
import type { Answer } from '../../hosts/fan-out.ts'
import type { Exit } from '../../hosts/host.ts'
import { collectOutputs, type HostOutput } from '../../operations/collect-outputs.ts'
import type { Fleet } from '../../operations/fleet.ts'
import { causeOf, runOnHosts } from '../../operations/run-on-hosts.ts'
import { commandLine, type ProcessCommand } from '../../remote/command.ts'
import type { Spool } from '../../spool.ts'
import { type HostRow, hostRow } from '../../ui/host-row.ts'
import { prefixedLines } from '../../ui/prefixed-lines.ts'
import { stdio } from '../../ui/stdio.ts'
import { waitingProgress } from '../../ui/waiting-progress.ts'
import type { OutputMode } from './output-mode.ts'
import { printAll } from './print-all.ts'
import type { SignalRelay } from './relay-signals.ts'

export interface ManyRun {
  readonly mode: OutputMode
  readonly maxOutputBytes: number
  readonly relay: SignalRelay
  /** The standard input of each host. */
  readonly spool: Spool | undefined
  readonly timeoutMs?: number
  readonly deadlineMs: number | undefined
}

/** Runs the command and shows its output in one of the modes. The rows are for the JSON document. */
type Show = (target: ManyTarget, run: ManyRun) => Promise<{ answers: Answer<Exit>[]; rows?: HostRow[] }>

export interface ManyTarget {
  readonly fleet: Fleet
  readonly machines: readonly Machine[]
  readonly command: ProcessCommand
}

const streamed: Show = async ({ fleet, machines, command }, run) => {
  const own = await stdio.passThrough()
  const answers = await runOnHosts(fleet, machines, command, {
    ...optionsOf(run),
    streamsFor(name) {
      const stdout = prefixedLines(`${name}: `, own.stdout)
      const stderr = prefixedLines(`${name}: `, own.stderr)
      return {
        stdout,
        stderr,
        ...(run.spool && { stdin: run.spool.read() }),
        async done() {
          await Promise.all([stdout, stderr].map(ended))
        },
      }
    },
  })
  return { answers }
}

const gatheredOnce: Show = async (target, run) => {
  const [{ Gathering }, { gathered }] = await Promise.all([
    import('../../domain/gather.ts'),
    import('../../ui/gathered.ts'),
  ])
  const gathering = new Gathering()
  const answers = await collectWatched(target, run, ({ answer, ...printed }) =>
    gathering.add({ ...printed, host: answer.host, ending: causeOf(answer) }),
  )
  const pieces = gathered(gathering.groups(), { maxOutputBytes: run.maxOutputBytes, stream: stdio.stdout })
  await printAll(pieces, piece => stdio.printOutput(piece))
  return { answers }
}

const inOneDocument: Show = async (target, run) => {
  const rows = new Map<string, HostRow>()
  const answers = await collectWatched(target, run, output => {
    rows.set(output.answer.host, hostRow(output))
  })
  return { answers, rows: answers.flatMap(({ host }) => rows.get(host) ?? []) }
}

const lineByLine: Show = async ({ fleet, machines, command }, run) => ({
  answers: await collectOutputs(fleet, machines, command, {
    ...optionsOf(run),
    ...keptOf(run),
    onOutput: output => stdio.print(`${JSON.stringify(hostRow(output))}\n`),
  }),
})

/** How each mode shows a run on several hosts. */
export const shows: Record<OutputMode, Show> = {
  stream: streamed,
  gather: gatheredOnce,
  json: inOneDocument,
  ndjson: lineByLine,
}

/** Collects outputs, and shows how many hosts have finished. */
async function collectWatched(
  { fleet, machines, command }: ManyTarget,
  run: ManyRun,
  onOutput: (output: HostOutput) => void,
): Promise<Answer<Exit>[]> {
  const names = machines.map(machine => machine.name)
  const progress = waitingProgress(fleet.progress, `Running ${commandLine(command)}`, names)
  const answers = await collectOutputs(fleet, machines, command, {
    ...optionsOf(run),
    ...keptOf(run),
    onOutput(output) {
      onOutput(output)
      progress.ended(output.answer.host)
    },
  })
  progress.done()
  return answers
}

function optionsOf({ relay, timeoutMs, deadlineMs }: ManyRun) {
  return {
    onStart: relay.onStart,
    noMore: relay.taken,
    deadlineMs,
    ...(timeoutMs !== undefined && { timeoutMs }),
  }
}

function keptOf({ maxOutputBytes, spool }: ManyRun) {
  return { maxOutputBytes, stdin: spool && (() => spool.read()) }
}

function ended(output: Writable): Promise<void> {
  return new Promise(resolve => output.end(resolve))
}
