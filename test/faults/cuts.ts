import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Arena, type Attack, momentMs } from './attack.ts'
import { expectHealthy, expectUsable, finish, switchNetwork } from './swarm.ts'

const ALL = ['mg0', 'mg1', 'mg2', 'node1', 'node2']
const FILE_BYTES = 30_000_000
const [FROM_MS, TO_MS] = [400, 4_000]
const CUT_MS = 100_000

interface Cut {
  readonly title: string
  readonly words: readonly string[]
  readonly again?: readonly string[]
  /** Brings the swarm into the state in which the command has something to do. */
  readonly prepare?: (arena: Arena) => Promise<unknown>
  expect(arena: Arena): Promise<unknown>
}

const CUTS: readonly Cut[] = [
  {
    title: 'a transfer',
    words: ['cp', 'big.bin', 'node2:/tmp/big.bin'],
    prepare: async ({ cluster }) => writeFileSync(join(cluster.folder, 'big.bin'), randomBytes(FILE_BYTES)),
    expect: async ({ cluster }) => {
      const sum = (
        await cluster.shell('sha256sum <big.bin; belt exec node2 --shell "sha256sum </tmp/big.bin"')
      ).stdout
      const [here, there] = sum.trim().split('\n')
      if (!here || here !== there) throw new Error(`the copy differs: ${sum}`)
    },
  },
  {
    title: 'a join',
    words: ['swarm', 'join', 'mg0', 'node2'],
    prepare: ({ cluster }) => cluster.succeed(['swarm', 'remove', 'node2', '--yes']),
    expect: ({ cluster }) => expectHealthy(cluster, ALL),
  },
  {
    title: 'a drain',
    words: ['swarm', 'drain', 'node2'],
    expect: ({ cluster }) => cluster.succeed(['swarm', 'activate', 'node2']),
  },
  {
    title: 'an upgrade',
    words: ['upgrade', 'workers', 'node2', '--command', 'sleep 2'],
    again: ['upgrade', '--resume'],
    expect: ({ cluster }) => expectHealthy(cluster, ALL),
  },
]

/** The network of node2 goes in the middle of a command, which ends with a reason; run again, it gets to its end. */
export function cutAttacks(arena: Arena): Attack[] {
  return Array.from({ length: arena.rounds }, (_, round) => CUTS.map(cut => attack(cut, round))).flat()

  function attack({ title, words, again = words, prepare, expect }: Cut, round: number): Attack {
    const delayMs = momentMs(arena.seed, `cut ${title} ${round}`, FROM_MS, TO_MS)
    return {
      title: `the network of node2 is cut ${delayMs} ms into ${title}`,
      run: async () => {
        const { cluster } = arena
        await prepare?.(arena)
        const heal = () => switchNetwork(cluster, 'node2', 'up')
        let timers: NodeJS.Timeout[] = []
        const ended = await cluster.run([...words, '--yes'], {
          stdin: '',
          onStart: () => {
            const cut = () => switchNetwork(cluster, 'node2', 'down')
            timers = [setTimeout(cut, delayMs), setTimeout(heal, CUT_MS)]
          },
        })
        for (const timer of timers) clearTimeout(timer)
        heal()
        expectUsable(words, ended)
        await cluster.succeed(['status', '--wait', 'active=5'])
        if (ended.code !== 0) await finish(arena.cluster, words, again)
        await expect(arena)
      },
    }
  }
}
