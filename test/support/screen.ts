import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import xterm from '@xterm/headless'

const SCENARIOS = resolve('test/support/terminal/main.ts')
const ROWS = 40
/** What is assumed of a terminal that does not tell its width. */
const DEFAULT_COLUMNS = 80

/** Lines by scenario. */
export type Shown = ReadonlyMap<string, readonly string[]>

const { CI, NO_COLOR, FORCE_COLOR, NODE_ENV, ...inherited } = process.env

/** What the scenarios write to stdout where nothing is a terminal. */
export async function pipedResults(): Promise<Shown> {
  const child = spawn(process.execPath, ['--import', 'tsx', SCENARIOS], {
    env: inherited,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return byScenario((await text(child.stdout)).split('\n'))
}

/** What stands on a terminal of so many columns when the scenarios have ended. Wrapped lines are one. */
export async function shownOnTerminal(columns: number): Promise<Shown> {
  const command = `stty cols ${columns} rows ${columns && ROWS}; exec '${process.execPath}' --import tsx '${SCENARIOS}'`
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    env: { ...inherited, TERM: 'xterm', NO_COLOR: '1' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const written = await text(child.stdout)
  const screen = new xterm.Terminal({ cols: columns || DEFAULT_COLUMNS, rows: ROWS, allowProposedApi: true })
  await new Promise<void>(done => screen.write(written, done))
  const lines: string[] = []
  for (let row = 0; row < screen.buffer.active.length; row++) {
    const line = screen.buffer.active.getLine(row)
    const shown = line?.translateToString() ?? ''
    if (line?.isWrapped) lines.push(`${lines.pop()}${shown}`)
    else lines.push(shown)
  }
  return byScenario(lines.map(line => line.trimEnd()))
}

function byScenario(lines: readonly string[]): Shown {
  const [, ...parts] = lines.join('\n').split(/^== /m)
  return new Map(
    parts.map(part => {
      const [name = '', ...shown] = part.trimEnd().split('\n')
      return [name, shown]
    }),
  )
}
