import { engineInPackage, isEngineVersion } from '../../domain/engine-version.ts'
import type { Upgrade } from '../../domain/upgrade/upgrade.ts'
import { precheckError } from '../../errors.ts'
import { type Answer, failedOf, fanOut } from '../../hosts/fan-out.ts'
import { type EngineStanding, engineStanding, holdEngine } from '../../steps/install-engine.ts'
import { perform } from '../../steps/step.ts'
import type { Fleet } from '../fleet.ts'
import type { Member } from '../swarm/select-nodes.ts'

/** The nodes that need not go out. */
export interface AsWanted {
  /** The names of those on which nothing is to be done. */
  readonly untouched: readonly string[]
  /** Those whose engine has the version that is wanted, and is only to be held there. */
  readonly unheld: readonly Member[]
}

/** Looks which nodes are as wanted already. @throws a precheck error when a host cannot be read */
export async function asWanted(
  fleet: Fleet,
  members: readonly Member[],
  upgrade: Upgrade,
): Promise<AsWanted> {
  if (upgrade.kind === 'engine') return ofVersion(fleet, members, upgrade.version)
  if (upgrade.kind !== 'size') return { untouched: [], unheld: [] }
  const machines = members.flatMap(({ machine }) => machine ?? [])
  const options = { signal: fleet.signal, progress: fleet.progress }
  return { untouched: (await fleet.driver.ofSize?.(machines, upgrade.size, options)) ?? [], unheld: [] }
}

async function ofVersion(fleet: Fleet, members: readonly Member[], wanted: string): Promise<AsWanted> {
  const same = members.filter(({ node }) => isEngineVersion(node.engineVersion, engineInPackage(wanted)))
  const answers = await fanOut(same, member => standingOf(fleet, member, wanted), fleet)
  const [failure] = failedOf(answers)
  if (failure)
    throw precheckError(failure.error.code, failure.error.message, {
      host: failure.host,
      cause: failure.error,
    })
  const having = (standing: EngineStanding) =>
    same.filter((_, index) => {
      const answer = answers[index]
      return answer?.ok && answer.value === standing
    })
  return { untouched: having('as wanted').map(({ name }) => name), unheld: having('not held') }
}

async function standingOf(fleet: Fleet, { machine }: Member, wanted: string): Promise<EngineStanding> {
  return machine ? engineStanding(fleet.host(machine), wanted, fleet.signal) : 'other'
}

/** Holds engines at the version that they have; the nodes stay where they are. @returns one answer per node */
export function holdEngines(fleet: Fleet, members: readonly Member[]): Promise<Answer<void>[]> {
  const hold = async ({ machine }: Member) => {
    if (machine) await perform(holdEngine(fleet.host(machine), fleet.signal))
  }
  return fanOut(members, hold, { concurrency: fleet.concurrency, signal: fleet.signal })
}
