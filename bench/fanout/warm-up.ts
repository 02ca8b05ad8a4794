import { run } from './run.ts'
import { belt, type Task } from './tools.ts'

/** Lets Belt meet the host keys, which the peers are told not to look at. */
export async function warmUp(task: Task): Promise<void> {
  const { code, stderr } = await run(belt(task))
  if (code !== 0) throw new Error(`belt does not reach the hosts of the benchmark: ${stderr}`)
}
