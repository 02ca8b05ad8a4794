import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** The CPU time that running processes have had so far, in milliseconds; what has ended counts nothing. */
export function cpuMsOf(pids: readonly number[]): number {
  const ofThread = (path: string) => Number(readFileSync(path, 'utf8').split(' ')[0]) / 1e6
  const ofProcess = (pid: number) =>
    readdirSync(`/proc/${pid}/task`).reduce(
      (sum, thread) => sum + ofThread(`/proc/${pid}/task/${thread}/schedstat`),
      0,
    )
  return pids.reduce((sum, pid) => sum + ofProcess(pid), 0)
}

/** The processes in whose command line a text stands. @throws when there is none */
export function pidsWith(text: string): number[] {
  return execFileSync('pgrep', ['-f', text], { encoding: 'utf8' }).trim().split('\n').map(Number)
}
