import { naturalOrder } from '../../domain/natural-order.ts'
import type { Machine } from '../../drivers/driver.ts'
import type { Answer } from '../../hosts/fan-out.ts'
import type { Membership } from '../../remote/swarm.ts'
import { addressesOf } from '../machines/address.ts'

/** A manager that the others know and that does not answer as one. */
export interface MissingManager {
  /** The machine's name; the address where no machine of the cluster has it. */
  readonly name: string
  readonly nodeId: string
  readonly address: string
  /** Whether it can decide nothing any more; where that is not known it may still live. */
  readonly lost: boolean
  /** Whether it counts as lost only because the user says so. */
  readonly claimed: boolean
  /** Whether its machine is there and could be started. */
  readonly off: boolean
  /** Why it is lost, or why it may still live. */
  readonly why: string
}

interface Seen {
  readonly cluster: string
  readonly machines: readonly Machine[]
  /** Of each machine, in the same order. */
  readonly answers: readonly Answer<Membership>[]
  readonly survivors: readonly { readonly nodeId: string; readonly known: Membership['managers'] }[]
  readonly assumeLost: readonly string[]
}

/** The managers that survivors know, without the survivors. */
export function missingManagers(seen: Seen): MissingManager[] {
  const living = new Set(seen.survivors.map(({ nodeId }) => nodeId))
  const known = new Map(
    seen.survivors.flatMap(({ known }) => known).map(manager => [manager.nodeId, manager]),
  )
  return [...known.values()]
    .filter(({ nodeId }) => !living.has(nodeId))
    .map(({ nodeId, address }) => judge(seen, nodeId, address.replace(/:\d+$/, '')))
    .sort((a, b) => naturalOrder(a.name, b.name))
}

function judge(
  { cluster, machines, answers, assumeLost }: Seen,
  nodeId: string,
  address: string,
): MissingManager {
  const index = machines.findIndex(machine => addressesOf(machine).includes(address))
  const machine = machines[index]
  const manager = { name: machine?.name ?? address, nodeId, address, off: machine?.status === 'off' }
  const certain = machine && certainly(machine, answers[index], nodeId)
  if (certain !== undefined) return { ...manager, lost: true, claimed: false, why: certain }
  const claimed = [manager.name, address, nodeId].some(word => assumeLost.includes(word))
  if (claimed) return { ...manager, lost: true, claimed, why: 'you named it as lost' }
  const why = machine ? doubtOf(answers[index]) : `no machine of ${cluster} has the address ${address}`
  return { ...manager, lost: false, claimed, why }
}

/** Why a machine certainly is not the manager that it was; undefined when it may be. */
function certainly(
  { status }: Machine,
  answer: Answer<Membership> | undefined,
  nodeId: string,
): string | undefined {
  if (status === 'off') return 'its machine is off'
  if (!answer?.ok) return undefined
  const { state, nodeId: present } = answer.value
  if (state === 'inactive') return 'its host is no longer in a swarm'
  // An engine that is starting its node has no id to tell.
  return present === undefined || present === nodeId ? undefined : 'its host is another node now'
}

function doubtOf(answer: Answer<Membership> | undefined): string {
  if (!answer?.ok) return answer?.error.message ?? 'it was not asked'
  return answer.value.error ?? `its state is ${answer.value.state}`
}
