import type { HostReading, LedgerInput, LedgerMachine, LedgerNode, LedgerRow } from './facts.ts'

/** What a machine shares with others. */
export interface Neighbours {
  /** Other machines that are the same node. */
  readonly twins: readonly string[]
  /** How many living nodes have the name of its node, itself included. */
  readonly namesakes: number
}

type ReadHost = Extract<HostReading, { kind: 'read' }>
type UnreadHost = Extract<HostReading, { kind: 'unread' }>

type Judgement = Pick<LedgerRow, 'class' | 'detail' | 'mend'>

const FINE: Judgement = { class: 'ok', detail: '', mend: undefined }

/** What is wrong with a machine, given the node that it is. */
export function judgeMachine(
  { name, host }: LedgerMachine,
  node: LedgerNode | undefined,
  input: LedgerInput,
  { twins, namesakes }: Neighbours,
): Judgement {
  if (host.kind === 'unread') return unread(name, host, node)
  if (host.kind === 'denied') return { class: 'unknown', detail: host.reason, mend: undefined }
  if (twins.length > 0) return shared(name, twins, input.manager)
  if (host.state === 'locked')
    return {
      class: 'unreachable',
      detail: 'its swarm is locked',
      mend: `belt --host ${name} docker swarm unlock`,
    }
  if (host.expired) return expired(name, host, input.manager)
  if (host.state === 'inactive') return unjoined(name, '', input.manager)
  if (input.nodes === undefined)
    return { class: 'unknown', detail: 'no manager lists the nodes', mend: undefined }
  if (!node) return judgeUnlisted(name, host, input)
  return judgeMember(name, host, node, namesakes, input.manager)
}

function judgeUnlisted(name: string, host: ReadHost, { clusterId, manager }: LedgerInput): Judgement {
  if (host.clusterId === undefined)
    return {
      class: 'unknown',
      detail: `its swarm state is ${host.state}${host.error ? ` (${host.error})` : ''}`,
      mend: `belt --host ${name} docker info`,
    }
  if (host.clusterId === clusterId) {
    const row = unjoined(name, 'the managers have removed it, and it does not know', manager)
    return host.isManager ? { ...row, mend: `belt swarm leave ${name} --force, then ${row.mend}` } : row
  }
  return {
    class: 'wrong-swarm',
    detail: `it belongs to the swarm ${host.clusterId}`,
    mend: `if that swarm may lose it: belt swarm leave ${name}${host.isManager ? ' --force' : ''}`,
  }
}

function judgeMember(
  name: string,
  host: ReadHost,
  node: LedgerNode,
  namesakes: number,
  manager: string | undefined,
): Judgement {
  if (host.lostAddress !== undefined)
    return {
      class: 'wrong-address',
      detail: `it advertises ${host.lostAddress}, an address that it has no more`,
      mend: `give it that address back, or: belt swarm remove ${name}, then ${joining(name, 'manager', manager)}`,
    }
  if (node.state === 'unknown')
    return {
      class: 'unreachable',
      detail:
        'it answers, but the managers have not heard from it; after a change of leader that takes up to 30 s',
      mend: 'belt swarm status, in half a minute',
    }
  if (node.state !== 'ready')
    return {
      class: 'unreachable',
      detail: `it answers, but the managers see it as ${node.state}`,
      mend: `belt --host ${name} docker info shows what keeps it from the managers`,
    }
  const isManager = host.isManager && node.reachability !== undefined
  if (node.role === 'manager' && !isManager)
    return {
      class: 'wrong-role',
      detail: 'meant to be a manager, and is none',
      mend: `belt swarm promote ${name}`,
    }
  if (node.role === 'worker' && host.isManager)
    return {
      class: 'wrong-role',
      detail: 'meant to be a worker, and still a manager',
      mend: `belt swarm demote ${name}`,
    }
  if (node.reachability !== undefined && node.reachability !== 'reachable')
    return {
      class: 'unreachable',
      detail: `it answers, but as a manager it is ${node.reachability}`,
      mend: `belt --host ${name} docker info shows what keeps it from the managers`,
    }
  if (namesakes > 1)
    return {
      class: 'duplicate-hostname',
      detail: `${namesakes} nodes are called ${node.hostname}`,
      mend: `belt hostname ${name}`,
    }
  return FINE
}

function unread(name: string, host: UnreadHost, node: LedgerNode | undefined): Judgement {
  const { reason: detail, hasAnswered, isOff } = host
  if (hasAnswered) return { class: 'unknown', detail, mend: `belt --host ${name} docker info` }
  const isGone = node !== undefined && node.state === 'down'
  const orRemove = isGone ? `, or if it is lost for good: belt swarm remove --unreachable ${name}` : ''
  const mend = isGone ? 'bring it up again' : `belt ssh ${name}`
  return { class: 'unreachable', detail, mend: `${isOff ? `belt start ${name}` : mend}${orRemove}` }
}

function shared(name: string, twins: readonly string[], manager: string | undefined): Judgement {
  return {
    class: 'shared-node',
    detail: `it is the same node as ${twins.join(', ')}: one of them is a copy`,
    mend: `if ${name} is the copy: belt swarm leave ${name}, then ${joining(name, 'worker', manager)}`,
  }
}

function expired(
  name: string,
  { expired: end, isManager }: ReadHost,
  manager: string | undefined,
): Judgement {
  const on = end?.at ? ` on ${end.at.toISOString().slice(0, 10)}` : ''
  return {
    class: 'expired',
    detail: `its certificate expired${on}`,
    mend: `belt swarm leave ${name}${isManager ? ' --force' : ''}, then ${joining(name, isManager ? 'manager' : 'worker', manager)}`,
  }
}

function joining(name: string, role: LedgerNode['role'], manager = 'MANAGER'): string {
  return `belt swarm join ${role === 'manager' ? '--manager ' : ''}${manager} ${name}`
}

function unjoined(name: string, detail: string, manager: string | undefined): Judgement {
  return {
    class: 'unjoined',
    detail,
    mend: manager === undefined ? undefined : joining(name, 'worker', manager),
  }
}

/**
 * What a node is that no machine claims.
 * @param mayBeUnread whether it may be a machine whose host cannot be read
 */
export function judgeUnclaimed({ id, state }: LedgerNode, mayBeUnread: boolean): Judgement {
  if (mayBeUnread)
    return { class: 'unknown', detail: 'it may be a machine whose host cannot be read', mend: undefined }
  if (state === 'ready')
    return {
      class: 'unmanaged',
      detail: 'no machine of this cluster',
      mend: 'if it is not wanted: docker swarm leave, on that machine',
    }
  return {
    class: 'ghost',
    detail: `${state}, and no machine of this cluster`,
    mend: `belt swarm remove --unreachable ${id}`,
  }
}
