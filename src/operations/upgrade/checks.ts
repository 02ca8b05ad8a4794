import { quote } from '../../domain/quote.ts'
import { fold } from '../../domain/ranges.ts'
import type { Upgrade } from '../../domain/upgrade/upgrade.ts'
import { type BeltError, precheckError } from '../../errors.ts'
import { type Answer, failedOf, fanOut } from '../../hosts/fan-out.ts'
import type { Host } from '../../hosts/host.ts'
import { assertHasClient } from '../../queries/docker-client.ts'
import type { HostFacts } from '../../remote/host-facts.ts'
import type { Node } from '../../remote/nodes.ts'
import type { Fleet } from '../fleet.ts'
import { assertChecksPassed, readFacts, restartRefusal } from '../restartable.ts'
import { nodeOf } from '../swarm/match-nodes.ts'
import type { Member, SwarmSelection } from '../swarm/select-nodes.ts'
import { checkEngine, noteRisks } from './check-engine.ts'

/** Nodes reject certificates that seem to come from the future. */
const MAX_SKEW_MS = 60_000
/** A manager with a full disk cannot write its log, and does not come back. */
const MIN_FREE_MIB = 256
/** The packages of an engine are unpacked beside the installed ones. */
const MIN_FREE_FOR_ENGINE_MIB = 1024

/** What decides whether a host can be upgraded. */
interface HostRequirements {
  readonly upgrade: Upgrade
  /** Whether an engine may be downgraded, or skip a major release. */
  readonly anyVersion: boolean
}

/**
 * Checks the hosts of an upgrade: rights, clocks, free disk space, settings, and whether the engine version is available.
 * @throws a precheck error that names every host that fails a check
 */
export async function checkHosts(
  fleet: Fleet,
  view: SwarmSelection,
  requirements: HostRequirements,
): Promise<void> {
  const task = fleet.progress.start('Checking hosts', view.members.length)
  const answers = await fanOut(view.members, member => checkHost(fleet, member, requirements), {
    ...fleet,
    onAnswer: ({ host }) => task.step(host),
  })
  const failures = failedOf(answers)
  if (failures.length === 0) {
    task.done()
    noteRisks(
      fleet,
      answers.flatMap(answer => (answer.ok ? [{ host: answer.host, risks: answer.value.risks }] : [])),
    )
    return assertClocksAgree([...skewsOf(answers), ...skewsOf(await readOtherManagers(fleet, view))])
  }
  task.fail(`${failures.length} of ${answers.length} failed a check`)
  assertChecksPassed(failures)
}

/** Reads the clocks of the other managers; a clock that cannot be read is not compared. */
function readOtherManagers(fleet: Fleet, { machines, nodes, members }: SwarmSelection) {
  const checked = new Set(members.map(({ name }) => name))
  const others = machines.filter(
    machine => !checked.has(machine.name) && nodeOf(machine, nodes)?.reachability !== undefined,
  )
  return fanOut(others, machine => readSkew(fleet, fleet.host(machine)), fleet)
}

function skewsOf(answers: readonly Answer<{ readonly skewMs: number }>[]): Skew[] {
  return answers.flatMap(answer => (answer.ok ? [{ host: answer.host, skewMs: answer.value.skewMs }] : []))
}

async function readSkew(fleet: Fleet, host: Host): Promise<HostFacts & { readonly skewMs: number }> {
  const asked = Date.now()
  const facts = await readFacts(host, fleet.signal)
  const now = (asked + Date.now()) / 2
  return { ...facts, skewMs: facts.clockMs - now }
}

/** @returns how far the clock of the host is ahead of ours, and what may go wrong with another engine */
async function checkHost(
  fleet: Fleet,
  { name, machine, node }: Member,
  { upgrade, anyVersion }: HostRequirements,
): Promise<{ skewMs: number; risks: readonly string[] }> {
  if (!machine)
    throw precheckError('no-such-machine', `${name} has no machine in this cluster`, { host: name })
  const host = fleet.host(machine)
  if (needsRoot(upgrade, node)) await host.assertMay('root', { signal: fleet.signal })
  if (upgrade.kind === 'engine') await assertHasClient(host, fleet.signal)
  const facts = await readSkew(fleet, host)
  const unfit = unfitness(name, facts, upgrade)
  if (unfit) throw unfit
  const { skewMs } = facts
  if (upgrade.kind !== 'engine') return { skewMs, risks: [] }
  const change = { from: node.engineVersion, wanted: upgrade.version, anyVersion }
  return { skewMs, risks: await checkEngine(host, change, fleet.signal) }
}

/** A manager is demoted or stopped, and what is installed or rebooted belongs to root. A command is the user's own. */
function needsRoot({ kind }: Upgrade, { role }: Node): boolean {
  return role === 'manager' || kind === 'engine' || kind === 'reboot'
}

function unfitness(name: string, facts: HostFacts, upgrade: Upgrade): BeltError | undefined {
  const { freeMiB } = facts
  const least = upgrade.kind === 'engine' ? MIN_FREE_FOR_ENGINE_MIB : MIN_FREE_MIB
  if (freeMiB < least) {
    return precheckError(
      'disk-full',
      `${name} has ${Math.floor(freeMiB)} MiB of free disk space and needs ${least}`,
      {
        host: name,
        hint: `belt exec ${name} -- docker system df shows what uses it`,
      },
    )
  }
  return restartRefusal(name, facts)
}

interface Skew {
  readonly host: string
  readonly skewMs: number
}

/** Our own clock only helps to find the one that is wrong: a single clock has nothing to disagree with. */
function assertClocksAgree(skews: readonly Skew[]): void {
  if (skews.length < 2) return
  const sorted = [0, ...skews.map(({ skewMs }) => skewMs)].sort((a, b) => a - b)
  const middle = sorted[Math.floor(sorted.length / 2)] ?? 0
  const off = skews.filter(({ skewMs }) => Math.abs(skewMs - middle) > MAX_SKEW_MS)
  if (off.length === 0) return
  const hosts = off.map(({ host, skewMs }) => `${host} by ${Math.round((skewMs - middle) / 1000)} s`)
  throw precheckError('clock-skew', `the clocks differ: ${hosts.join(', ')}`, {
    hint: `synchronize them first, because nodes with different clocks may reject each other: belt exec ${quote(fold(off.map(({ host }) => host)))} -- timedatectl`,
    details: { hosts: off.map(({ host }) => host) },
  })
}
