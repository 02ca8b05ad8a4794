import { execFileSync } from 'node:child_process'
import { retry } from '../../src/retry.ts'
import type { Ended } from '../support/belt.ts'
import type { TestCluster } from '../support/cluster.ts'

const HEALTHY_DEADLINE_MS = 120_000
const ENDED_BY_LOCK = 6

/** Throws if a command ended in a way that no user should see: with a stack, or without a word. */
export function expectUsable(words: readonly string[], { code, stderr }: Ended): void {
  const command = `belt ${words.join(' ')}`
  if (/^\s+at .*:\d+:\d+/m.test(stderr)) throw new Error(`${command} printed a stack:\n${stderr}`)
  if (code !== 0 && !stderr.trim()) throw new Error(`${command} ended with ${code} without a word`)
}

/**
 * Runs a command again that was cut off, as its user would: a lock that a killed Belt has left is released first.
 * @throws if it fails
 */
async function runAgain(cluster: TestCluster, words: readonly string[]): Promise<void> {
  let ended = await cluster.run([...words, '--yes'])
  if (ended.code === ENDED_BY_LOCK) {
    await cluster.succeed(['lock', 'release', '--yes'])
    ended = await cluster.run([...words, '--yes'])
  }
  expectUsable(words, ended)
  if (ended.code !== 0)
    throw new Error(`belt ${words.join(' ')} again ended with ${ended.code}:\n${ended.stderr}`)
}

/**
 * Brings a command that was cut off to its end: with the command for that, or the same command, if it had not begun.
 * @throws if that fails
 */
export async function finish(
  cluster: TestCluster,
  words: readonly string[],
  again: readonly string[],
): Promise<void> {
  try {
    await runAgain(cluster, again)
  } catch (error) {
    if (words === again || !/no upgrade/i.test(String(error))) throw error
    await runAgain(cluster, words)
  }
}

/** Waits until `belt swarm status` finds the swarm healthy, with these nodes and no other. */
export async function expectHealthy(cluster: TestCluster, nodes: readonly string[]): Promise<void> {
  await retry(
    async () => {
      const { stdout, stderr } = await cluster.run(['swarm', 'status', '--json'])
      const { verdict, rows } = JSON.parse(stdout || '{}')
      const names = (rows ?? []).map((row: { name: string }) => row.name).toSorted()
      if (verdict !== 'healthy' || names.join() !== nodes.toSorted().join())
        throw new Error(`the swarm is ${verdict} with ${names}: ${stdout}${stderr}`)
    },
    { deadlineMs: HEALTHY_DEADLINE_MS, everyMs: 1000 },
  )
}

/** What the swarm says of a node: its role and availability. */
export async function nodeIs(cluster: TestCluster, node: string): Promise<string> {
  const format = '{{.Spec.Role}} {{.Spec.Availability}}'
  return (await cluster.succeed(['docker', 'node', 'inspect', node, '--format', format])).trim()
}

/** Takes the network of a machine away, or gives it back. */
export function switchNetwork(cluster: TestCluster, node: string, to: 'up' | 'down'): void {
  execFileSync('docker', ['exec', `belt.${cluster.name}.${node}`, 'ip', 'link', 'set', 'eth0', to], {
    env: cluster.env,
    timeout: 60_000,
  })
}
