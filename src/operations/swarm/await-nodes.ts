import { fold } from '../../domain/ranges.ts'
import type { Machine } from '../../drivers/driver.ts'
import { BeltError, ExitCode, reasonOf } from '../../errors.ts'
import type { Answer } from '../../hosts/fan-out.ts'
import type { Node } from '../../remote/nodes.ts'
import { pollUntil } from '../../waits/poll-until.ts'
import type { Fleet } from '../fleet.ts'
import type { ManagersView } from './managers-view.ts'
import { nodeOf } from './match-nodes.ts'

const NODES_POLL_MS = 2000

export interface Awaited {
  readonly view: ManagersView
  /** Nodes that were listed before the machines were created, and so belong to none of them. */
  readonly before: readonly Node[]
  readonly timeoutMs: number
  /** The command to suggest for a machine that did not join. */
  readonly hint: (name: string) => string
}

/**
 * Waits until machines are ready nodes. Asks only the managers, never the machines.
 * @returns one answer per machine; the node if it joined
 * @throws an `interrupted` error that says which machines have joined
 */
export async function awaitNodes(
  fleet: Fleet,
  machines: readonly Machine[],
  { view, before, timeoutMs, hint }: Awaited,
): Promise<Answer<Node>[]> {
  const { signal, clock } = fleet
  const start = clock.now()
  const answer = (name: string) => ({ host: name, durationMs: clock.now() - start })
  const task = fleet.progress.start('Waiting for nodes', machines.length)
  const known = new Set(before.map(({ id }) => id))
  const found = new Map<string, Answer<Node>>()
  let listed: readonly Node[] = []
  const look = async () => {
    listed = (await view.nodes()).filter(({ id }) => !known.has(id))
    const ready = listed.filter(({ state }) => state === 'ready')
    for (const machine of machines) {
      const node = nodeOf(machine, ready)
      if (!node || found.has(machine.name)) continue
      found.set(machine.name, { ...answer(machine.name), ok: true, value: node })
      task.step(machine.name)
    }
    return machines.length - found.size
  }
  const missingIn = (left: number) => (left > 0 ? `${left} have not joined` : undefined)
  // Why the managers could not be read is told below, for each machine that was not seen.
  await pollUntil(look, missingIn, { deadlineMs: timeoutMs, everyMs: NODES_POLL_MS, signal, clock }).catch(
    () => {},
  )
  const missing = missingIn(machines.length - found.size)
  if (missing) task.fail(missing)
  else task.done()
  if (signal.aborted) throw interrupted(signal, [...found.keys()], machines)
  return machines.map(machine => {
    const error = notJoined(machine, whyUnseen(view, nodeOf(machine, listed)), timeoutMs, hint(machine.name))
    return found.get(machine.name) ?? { ...answer(machine.name), ok: false, error }
  })
}

function whyUnseen({ unreachable }: ManagersView, node: Node | undefined): string {
  if (unreachable !== undefined) return `the managers do not answer: ${reasonOf(unreachable)}`
  return node ? `the managers see it as ${node.state}` : 'the managers do not list it'
}

function notJoined({ name }: Machine, reason: string, timeoutMs: number, hint: string): BeltError {
  return new BeltError(
    'not-joined',
    `${name} was created, but has not joined within ${Math.round(timeoutMs / 1000)} s: ${reason}`,
    { host: name, hint },
  )
}

function interrupted(signal: AbortSignal, joined: readonly string[], all: readonly Machine[]): BeltError {
  const state = joined.length === 0 ? 'none' : fold(joined)
  return new BeltError(
    'interrupted',
    `interrupted: created ${fold(all.map(({ name }) => name))}; joined so far: ${state}`,
    {
      exitCode: ExitCode.interrupted,
      hint: 'run the same belt create --join again to complete it',
      details: { joined, cause: reasonOf(signal.reason) },
    },
  )
}
