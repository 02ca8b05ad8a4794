import type { HostReading, LedgerInput, LedgerMachine, LedgerNode, LedgerRow } from './facts.ts'

type Judgement = Pick<LedgerRow, 'class' | 'detail' | 'mend'>

const FINE: Judgement = { class: 'ok', detail: '', mend: undefined }

/** What is wrong with a machine, given the node that it is. */
export function judgeMachine(
  { name, host }: LedgerMachine,
  node: LedgerNode | undefined,
  input: LedgerInput,
): Judgement {
  if (host.kind === 'unread') return unreachable(name, host.reason, node)
  if (host.state === 'locked')
    return {
      class: 'unreachable',
      detail: 'its swarm is locked',
      mend: `belt --host ${name} docker swarm unlock`,
    }
  if (host.state === 'inactive') return unjoined(name, '', input.manager)
  if (input.nodes === undefined)
    return { class: 'unknown', detail: 'no manager lists the nodes', mend: undefined }
  if (!node) return judgeUnlisted(name, host, input)
  return judgeMember(name, host, node, input.nodes)
}

function judgeUnlisted(
  name: string,
  host: Extract<HostReading, { kind: 'read' }>,
  { clusterId, manager }: LedgerInput,
): Judgement {
  if (host.clusterId === undefined)
    return {
      class: 'unknown',
      detail: `its swarm state is ${host.state}`,
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
  host: Extract<HostReading, { kind: 'read' }>,
  node: LedgerNode,
  nodes: readonly LedgerNode[],
): Judgement {
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
  const namesakes = nodes.filter(other => other.hostname === node.hostname && other.state !== 'down')
  if (namesakes.length > 1)
    return {
      class: 'duplicate-hostname',
      detail: `${namesakes.length} nodes are called ${node.hostname}`,
      mend: `belt hostname ${name}`,
    }
  return FINE
}

function unreachable(name: string, reason: string, node: LedgerNode | undefined): Judgement {
  const gone = node !== undefined && node.state === 'down'
  return {
    class: 'unreachable',
    detail: reason,
    mend: gone
      ? `bring it up again, or if it is lost for good: belt swarm remove --unreachable ${name}`
      : `belt ssh ${name}`,
  }
}

function unjoined(name: string, detail: string, manager: string | undefined): Judgement {
  return {
    class: 'unjoined',
    detail,
    mend: manager === undefined ? undefined : `belt swarm join ${manager} ${name}`,
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
