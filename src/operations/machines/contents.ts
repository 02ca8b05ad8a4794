import type { Machine } from '../../drivers/driver.ts'
import { precheckError } from '../../errors.ts'
import { fanOut } from '../../hosts/fan-out.ts'
import type { Slot } from '../../hosts/slots.ts'
import { readPlainContainers, readVolumes } from '../../queries/host-contents.ts'
import type { Fleet } from '../fleet.ts'

/** What a host has besides the tasks of services. */
export interface HostContents {
  readonly name: string
  readonly containers: readonly string[]
  readonly volumes: readonly string[]
  /** Why that could not be read; undefined if it was. */
  readonly unknown: string | undefined
}

/** The running containers that no service started: a drain leaves them where they are. One request for each host. */
export function plainContainersOn(fleet: Fleet, machines: readonly Machine[]): Promise<HostContents[]> {
  return contentsOf(fleet, machines, async (machine, slot) => {
    const containers = await readPlainContainers(fleet.host(machine), { signal: fleet.signal, slot })
    return { containers: containers.filter(({ isRunning }) => isRunning), volumes: [] }
  })
}

/** The containers that no service started, and the volumes: they are lost with their machines. */
export function contentsOn(fleet: Fleet, machines: readonly Machine[]): Promise<HostContents[]> {
  return contentsOf(fleet, machines, async (machine, slot) => {
    if (machine.status === 'off') throw precheckError('off', 'it is switched off')
    const host = fleet.host(machine)
    const options = { signal: fleet.signal, slot }
    return { containers: await readPlainContainers(host, options), volumes: await readVolumes(host, options) }
  })
}

/** @returns what hosts have, without those that have nothing */
async function contentsOf(
  fleet: Fleet,
  machines: readonly Machine[],
  read: (
    machine: Machine,
    slot: Slot,
  ) => Promise<{ containers: readonly { readonly name: string }[]; volumes: readonly string[] }>,
): Promise<HostContents[]> {
  const answers = await fanOut(machines, read, fleet)
  fleet.signal.throwIfAborted()
  return answers
    .map(answer =>
      answer.ok
        ? {
            name: answer.host,
            containers: answer.value.containers.map(({ name }) => name),
            volumes: answer.value.volumes,
            unknown: undefined,
          }
        : { name: answer.host, containers: [], volumes: [], unknown: answer.error.message },
    )
    .filter(
      ({ containers, volumes, unknown }) => containers.length + volumes.length > 0 || unknown !== undefined,
    )
}
