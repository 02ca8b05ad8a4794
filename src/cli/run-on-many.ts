import type { Writable } from 'node:stream'
import type { Machine } from '../drivers/driver.ts'
import type { Answer } from '../hosts/fan-out.ts'
import type { Exit } from '../hosts/host.ts'
import { collectOutputs, type HostOutput } from '../operations/collect-outputs.ts'
import type { Fleet } from '../operations/fleet.ts'
import { causeOf, failed, runOnHosts } from '../operations/run-on-hosts.ts'
import { commandLine, type ProcessCommand } from '../remote/command.ts'
import type { Spool } from '../spool.ts'
import { type HostRow, hostRow } from '../ui/host-row.ts'
import { prefixedLines } from '../ui/prefixed-lines.ts'
import { runDocument } from '../ui/run-document.ts'
import { runSummary } from '../ui/run-summary.ts'
import { stdio } from '../ui/stdio.ts'
import { waitingProgress } from '../ui/waiting-progress.ts'
import type { SignalRelay } from './relay-signals.ts'
import { exitCodeOfRun } from './run-exit-code.ts'
import type { OutputMode } from './run-flags.ts'

export interface ManyRun {
  readonly mode: OutputMode
  readonly maxOutputBytes: number
  readonly relay: SignalRelay
  /** The standard input of each host. */
  readonly spool: Spool | undefined
  readonly timeoutMs?: number
  readonly deadlineMs: number | undefined
}

/** Runs the command and shows its output in one of the modes. */
type Show = (target: Target, run: ManyRun) => Promise<{ answers: Answer<Exit>[]; rows?: HostRow[] }>

interface Target {
  readonly fleet: Fleet
  readonly machines: readonly Machine[]
  readonly command: ProcessCommand
}

/** Runs a command on several hosts, shows their output, and prints a summary on stderr. @returns Belt's exit code */
export async function runOnMany(
  fleet: Fleet,
  machines: readonly Machine[],
  command: ProcessCommand,
  run: ManyRun,
): Promise<number> {
  const start = performance.now()
  const shows: Record<OutputMode, Show> = {
    stream: streamed,
    gather: gatheredOnce,
    json: inOneDocument,
    ndjson: lineByLine,
  }
  const { answers, rows = [] } =
    machines.length > 0 ? await shows[run.mode]({ fleet, machines, command }, run) : { answers: [] }
  if (run.mode === 'json')
    await print(
      runDocument(
        rows,
        answers.filter(failed).map(answer => answer.host),
      ),
    )
  if (answers.length > 0) await stdio.report(runSummary(answers, performance.now() - start))
  return exitCodeOfRun(answers, run.relay.taken.aborted || fleet.signal.aborted)
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
    import('../domain/gather.ts'),
    import('../ui/gathered.ts'),
  ])
  const gathering = new Gathering()
  const answers = await collectWatched(target, run, ({ answer, ...printed }) =>
    gathering.add({ ...printed, host: answer.host, ending: causeOf(answer) }),
  )
  await print(gathered(gathering.groups(), { maxOutputBytes: run.maxOutputBytes, stream: stdio.stdout }))
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

/** Collects outputs, and shows how many hosts have finished. */
async function collectWatched(
  { fleet, machines, command }: Target,
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

/** Writes the pieces to stdout, as fast as it takes them. */
async function print(pieces: Iterable<string>): Promise<void> {
  for (const piece of pieces) await stdio.print(piece)
}

function ended(output: Writable): Promise<void> {
  return new Promise(resolve => output.end(resolve))
}
