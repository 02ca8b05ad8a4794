import { type Arena, type Attack, momentMs } from './attack.ts'
import { expectHealthy, expectUsable, finish, nodeIs } from './swarm.ts'

const SIGNALS = ['SIGKILL', 'SIGTERM', 'SIGHUP', 'SIGINT'] as const
const ALL = ['mg0', 'mg1', 'mg2', 'node1', 'node2']
/** From the start of a command to a moment at which it usually has ended. */
const [FROM_MS, TO_MS] = [300, 12_000]

/** A command, and what is to be true once it was run again. */
interface Killed {
  readonly words: readonly string[]
  readonly again?: readonly string[]
  expect(arena: Arena): Promise<void>
}

const becomes = (node: string, state: string) => async (arena: Arena) => {
  const is = await nodeIs(arena.cluster, node)
  if (is !== state) throw new Error(`${node} is ${is} rather than ${state}`)
}
const nodesAre =
  (...nodes: string[]) =>
  ({ cluster }: Arena) =>
    expectHealthy(cluster, nodes)

/** In this order, each begins with what the one before leaves. */
const COMMANDS: readonly Killed[] = [
  { words: ['tune', 'node[1:2]', 'net.ipv4.tcp_keepalive_time==611'], expect: tuned },
  { words: ['swarm', 'drain', 'node1'], expect: becomes('node1', 'worker drain') },
  { words: ['swarm', 'activate', 'node1'], expect: becomes('node1', 'worker active') },
  { words: ['swarm', 'demote', 'mg2'], expect: becomes('mg2', 'worker active') },
  { words: ['swarm', 'promote', 'mg2'], expect: becomes('mg2', 'manager active') },
  {
    words: ['upgrade', 'workers', '--command', 'sleep 1', '--max-unavailable', '1'],
    again: ['upgrade', '--resume'],
    expect: nodesAre(...ALL),
  },
  { words: ['swarm', 'remove', 'node2', '--destroy'], expect: nodesAre('mg0', 'mg1', 'mg2', 'node1') },
  { words: ['create', 'node2'], expect: existsOnce },
  { words: ['swarm', 'join', 'mg0', 'node2'], expect: nodesAre(...ALL) },
]

async function tuned({ cluster }: Arena): Promise<void> {
  const read = 'sysctl -n net.ipv4.tcp_keepalive_time; grep -h keepalive_time /etc/sysctl.d/90-belt.conf'
  const found = await cluster.succeed(['exec', 'node2', '--shell', read])
  if (found !== '611\nnet.ipv4.tcp_keepalive_time = 611\n') throw new Error(`node2 has ${found}`)
}

async function existsOnce({ cluster }: Arena): Promise<void> {
  const machines: { name: string; status: string }[] = JSON.parse(await cluster.succeed(['ls', '--json']))
  const found = machines.filter(({ name }) => name === 'node2')
  if (found.length !== 1 || found[0]?.status !== 'active')
    throw new Error(`node2 is there as ${JSON.stringify(found)}`)
}

/** Commands that are killed at some moment and run again: the swarm is then as if they had run once. */
export function killAttacks(arena: Arena): Attack[] {
  return Array.from({ length: arena.rounds }, (_, round) =>
    COMMANDS.map((command, index) =>
      attack(command, round, SIGNALS[(round + index) % SIGNALS.length] ?? 'SIGKILL'),
    ),
  ).flat()

  function attack({ words, again = words, expect }: Killed, round: number, signal: NodeJS.Signals): Attack {
    const delayMs = momentMs(arena.seed, `kill ${words.join(' ')} ${round}`, FROM_MS, TO_MS)
    return {
      title: `belt ${words.join(' ')}: ${signal} after ${delayMs} ms`,
      run: async () => {
        const ended = await arena.cluster.run([...words, '--yes'], {
          stdin: '',
          onStart: child => {
            const timer = setTimeout(() => child.kill(signal), delayMs)
            child.once('close', () => clearTimeout(timer))
          },
        })
        if (ended.code !== 0) await finish(arena.cluster, words, again)
        await expect(arena)
        if (signal !== 'SIGKILL') expectUsable(words, ended)
      },
    }
  }
}
