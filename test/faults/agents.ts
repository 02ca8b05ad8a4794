import type { Ended } from '../support/belt.ts'
import { type Arena, type Attack, momentMs } from './attack.ts'
import { expectUsable } from './swarm.ts'

const COMMANDS = 5

/** Belt's agent is killed while commands run through it: each ends with an answer, and the next ones run. */
export function agentAttacks({ cluster, seed, rounds }: Arena): Attack[] {
  const env = { BELT_SSH_AGENT: '5m' }
  const run = (...words: string[]): Promise<Ended> => cluster.run(words, { env })
  return Array.from({ length: rounds }, (_, round) => {
    const delayMs = momentMs(seed, `agent ${round}`, 100, 4_000)
    return {
      title: `the agent is killed ${delayMs} ms into ${COMMANDS} commands`,
      run: async () => {
        await run('exec', 'node1', '--', 'true')
        const { pid } = JSON.parse((await run('agent', 'status', '--json')).stdout)
        const words = ['exec', 'node[1:2]', '--shell', 'sleep 1; echo done', '--json']
        const timer = setTimeout(() => process.kill(pid, 'SIGKILL'), delayMs)
        const ended = await Promise.all(Array.from({ length: COMMANDS }, () => run(...words)))
        clearTimeout(timer)
        for (const one of ended) {
          expectUsable(words, one)
          const rows: { stdout: string; error?: unknown }[] =
            JSON.parse(one.stdout).hosts ?? JSON.parse(one.stdout)
          if (!Array.isArray(rows) || rows.length !== 2)
            throw new Error(`not one answer per host: ${one.stdout}`)
          for (const row of rows)
            if (row.stdout !== 'done\n' && !row.error)
              throw new Error(`a success that was none: ${one.stdout}`)
        }
        const { stdout } = await run('exec', 'node1', '--', 'echo', 'again')
        if (stdout !== 'again\n') throw new Error(`the next command printed ${stdout}`)
        await run('agent', 'stop')
      },
    }
  })
}
