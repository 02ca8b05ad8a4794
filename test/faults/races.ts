import type { Ended } from '../support/belt.ts'
import type { Arena, Attack } from './attack.ts'
import { expectHealthy, expectUsable, nodeIs } from './swarm.ts'

const ALL = ['mg0', 'mg1', 'mg2', 'node1', 'node2']
const LOCKED = 6

/** Two people at once: one waits or is refused, and the swarm is as if they had come one after the other. */
export function raceAttacks(arena: Arena): Attack[] {
  const { cluster } = arena
  const wait = ['--lock-wait', '120s']

  async function both(first: readonly string[], second: readonly string[]): Promise<[Ended, Ended]> {
    const ended = await Promise.all([cluster.run(first), cluster.run(second)])
    expectUsable(first, ended[0])
    expectUsable(second, ended[1])
    return ended
  }

  const attacks: Attack[] = [
    {
      title: 'an upgrade and a drain, of which one is refused',
      run: async () => {
        const upgrade = ['upgrade', 'workers', 'node2', '--command', 'sleep 1', '--yes']
        const [upgraded, drained] = await both(upgrade, ['swarm', 'drain', 'node1', '--yes'])
        const codes = [upgraded.code, drained.code]
        if (!codes.includes(0) || codes.some(code => code !== 0 && code !== LOCKED))
          throw new Error(`exit codes ${codes}:\n${upgraded.stderr}\n${drained.stderr}`)
        await cluster.succeed(['swarm', 'activate', 'node1'])
        await expectHealthy(cluster, ALL)
      },
    },
    {
      title: 'a removal and a join, which wait for each other',
      run: async () => {
        await both([...wait, 'rm', 'node2', '--yes'], [...wait, 'swarm', 'join', 'mg0', 'node2'])
        await cluster.succeed(['create', 'node2'])
        await cluster.succeed(['swarm', 'join', 'mg0', 'node2'])
        await expectHealthy(cluster, ALL)
      },
    },
    {
      title: 'two tunings of one setting',
      run: async () => {
        const key = 'net.ipv4.tcp_keepalive_time'
        await both(['tune', 'node1', `${key}==621`], ['tune', 'node1', `${key}==622`])
        const read = `sysctl -n ${key}; sed -n 's/^${key} = //p' /etc/sysctl.d/90-belt.conf`
        const found = (await cluster.succeed(['exec', 'node1', '--shell', read])).trim().split('\n')
        if (found.length !== 2 || found[0] !== found[1] || !['621', '622'].includes(found[0] ?? ''))
          throw new Error(`live and written: ${found}`)
      },
    },
    {
      title: 'two changes of one availability',
      run: async () => {
        await both([...wait, 'swarm', 'pause', 'node1'], [...wait, 'swarm', 'activate', 'node1'])
        const is = await nodeIs(cluster, 'node1')
        if (!/^worker (pause|active)$/.test(is)) throw new Error(`node1 is ${is}`)
        await cluster.succeed(['swarm', 'activate', 'node1'])
      },
    },
  ]
  return Array.from({ length: arena.rounds }, () => attacks).flat()
}
