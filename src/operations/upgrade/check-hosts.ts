import { engineInPackage, versionRefusal } from '../../domain/engine-version.ts'
import { foldShort } from '../../domain/ranges.ts'
import { type BeltError, precheckError } from '../../errors.ts'
import { type Answer, failedOf, fanOut } from '../../hosts/fan-out.ts'
import type { Host } from '../../hosts/host.ts'
import { findEnginePackage } from '../../queries/find-engine-package.ts'
import type { HostFacts } from '../../remote/host-facts.ts'
import type { Fleet } from '../fleet.ts'
import { readFacts, refuseUnfit, restartRefusal } from '../restartable.ts'
import { nodeOf } from '../swarm/match-nodes.ts'
import type { Member, SwarmSelection } from '../swarm/select-nodes.ts'
import type { UpgradeRequest } from './plan.ts'

/** Nodes refuse certificates that seem to be from the future; an hour is taken off, the rest is left to a margin. */
const MOST_SKEW_MS = 60_000
/** A manager writes its log before anything else: one whose disk is full does not come back. */
const LEAST_FREE_MIB = 256
/** An engine's packages, unpacked beside the ones that are there. */
const LEAST_FREE_FOR_ENGINE_MIB = 1024

/**
 * Checks the hosts that are to be upgraded: clocks, disks, settings, and that what is to be installed can be had.
 * @throws a precheck error that names all hosts that fail a check
 */
export async function checkHosts(fleet: Fleet, view: SwarmSelection, request: UpgradeRequest): Promise<void> {
  const task = fleet.progress.start('Checking hosts', view.members.length)
  const answers = await fanOut(view.members, member => checkHost(fleet, member, request), {
    ...fleet,
    onAnswer: ({ host }) => task.step(host),
  })
  const failures = failedOf(answers)
  if (failures.length === 0) {
    task.done()
    return refuseSkew([...skewsOf(answers), ...skewsOf(await readOtherManagers(fleet, view))])
  }
  task.fail(`${failures.length} of ${answers.length} are not fit`)
  refuseUnfit(failures)
}

/** The clocks of the managers that are not to be upgraded: one that cannot be read is not compared. */
function readOtherManagers(fleet: Fleet, { machines, nodes, members }: SwarmSelection) {
  const checked = new Set(members.map(({ name }) => name))
  const others = machines.filter(
    machine => !checked.has(machine.name) && nodeOf(machine, nodes)?.reachability !== undefined,
  )
  return fanOut(others, async machine => (await readSkew(fleet, fleet.host(machine))).skewMs, fleet)
}

function skewsOf(answers: readonly Answer<number>[]): Skew[] {
  return answers.flatMap(answer => (answer.ok ? [{ host: answer.host, skewMs: answer.value }] : []))
}

async function readSkew(fleet: Fleet, host: Host): Promise<HostFacts & { readonly skewMs: number }> {
  const asked = Date.now()
  const facts = await readFacts(host, fleet.signal)
  const now = (asked + Date.now()) / 2
  return { ...facts, skewMs: facts.clockMs - now }
}

/** @returns how far its clock is ahead of ours, in milliseconds */
async function checkHost(
  fleet: Fleet,
  { name, machine, node }: Member,
  request: UpgradeRequest,
): Promise<number> {
  if (!machine) throw precheckError('no-such-machine', `${name} has no machine here`, { host: name })
  const host = fleet.host(machine)
  const facts = await readSkew(fleet, host)
  const unfit = unfitness(name, facts, request)
  if (unfit) throw unfit
  const { upgrade, anyVersion } = request
  if (upgrade.kind === 'engine') {
    const { version } = await findEnginePackage(host, upgrade.version, fleet.signal)
    const refusal = anyVersion ? undefined : versionRefusal(node.engineVersion, engineInPackage(version))
    if (refusal)
      throw precheckError('bad-version', `${name}: ${refusal}`, {
        host: name,
        hint: '--any-version allows it',
      })
  }
  return facts.skewMs
}

function unfitness(name: string, facts: HostFacts, { upgrade }: UpgradeRequest): BeltError | undefined {
  const { freeMiB } = facts
  const least = upgrade.kind === 'engine' ? LEAST_FREE_FOR_ENGINE_MIB : LEAST_FREE_MIB
  if (freeMiB < least) {
    return precheckError(
      'disk-full',
      `${name} has ${Math.floor(freeMiB)} MiB of disk left, and ${least} are needed`,
      {
        host: name,
        hint: `belt exec ${name} -- docker system df shows what takes it`,
      },
    )
  }
  return restartRefusal(name, facts)
}

interface Skew {
  readonly host: string
  readonly skewMs: number
}

/** Our own clock only helps to tell which is wrong: a node without others to compare with may have any. */
function refuseSkew(skews: readonly Skew[]): void {
  if (skews.length < 2) return
  const sorted = [0, ...skews.map(({ skewMs }) => skewMs)].sort((a, b) => a - b)
  const middle = sorted[Math.floor(sorted.length / 2)] ?? 0
  const off = skews.filter(({ skewMs }) => Math.abs(skewMs - middle) > MOST_SKEW_MS)
  if (off.length === 0) return
  const hosts = off.map(({ host, skewMs }) => `${host} by ${Math.round((skewMs - middle) / 1000)} s`)
  throw precheckError('clock-skew', `the clocks differ: ${hosts.join(', ')}`, {
    hint: `set them first; nodes whose clocks differ may refuse each other: belt exec ${foldShort(off.map(({ host }) => host))} -- timedatectl`,
    details: { hosts: off.map(({ host }) => host) },
  })
}
