import type { Machine } from '../drivers/driver.ts'
import { isDenied } from '../errors.ts'
import { type Answer, failedOf, fanOut } from '../hosts/fan-out.ts'
import type { Need } from '../remote/command.ts'
import type { Fleet } from './fleet.ts'
import { assertChecksPassed } from './restartable.ts'

/**
 * Checks, before anything is changed, that the login users of machines may do what a change needs.
 * @throws a precheck error that names all hosts whose users may not, or that do not answer
 */
export async function assertMay(fleet: Fleet, machines: readonly Machine[], need: Need): Promise<void> {
  const check = (machine: Machine) => fleet.host(machine).assertMay(need, { signal: fleet.signal })
  assertChecksPassed(failedOf(await fanOut(machines, check, fleet)))
}

/**
 * A host that does not let its user read something has answered, and counts neither as lost nor as outside of the swarm.
 * @throws a precheck error that names all such hosts
 */
export function assertNoneDenied(answers: readonly Answer<unknown>[]): void {
  assertChecksPassed(failedOf(answers).filter(({ error }) => isDenied(error)))
}
