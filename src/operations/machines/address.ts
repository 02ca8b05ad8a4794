import type { Machine } from '../../drivers/driver.ts'
import { BeltError } from '../../errors.ts'
import type { Fleet } from '../fleet.ts'
import { selectMachines } from '../select-machines.ts'

/** Which address: `any` is the one at which other machines reach it, as a swarm needs it: the public one where it serves. */
export type AddressKind = 'private' | 'public' | 'any'

export interface MachineAddress {
  readonly name: string
  readonly address: string
}

/** The addresses of the machines that an expression names, and one failure for each that has none of that kind. */
export async function addressesOfMachines(
  fleet: Fleet,
  expression: readonly string[],
  kind: AddressKind,
): Promise<{ found: MachineAddress[]; failures: { name: string; error: BeltError }[] }> {
  const machines = await selectMachines(fleet, expression)
  const addresses = machines.map(machine => ({ machine, address: addressOf(machine, kind) }))
  return {
    found: addresses.flatMap(({ machine: { name }, address }) => (address ? [{ name, address }] : [])),
    failures: addresses.flatMap(({ machine, address }) =>
      address ? [] : [{ name: machine.name, error: noAddress(machine, kind) }],
    ),
  }
}

function addressOf({ privateAddress, publicAddress, peerAddress, ssh }: Machine, kind: AddressKind) {
  return {
    private: privateAddress,
    public: publicAddress,
    any: peerAddress ?? publicAddress ?? privateAddress ?? ssh?.address,
  }[kind]
}

/** A machine that is still being made has no address yet. */
function noAddress({ name, status }: Machine, kind: AddressKind): BeltError {
  const which = kind === 'any' ? '' : `${kind} `
  return new BeltError('no-address', `${name} has no ${which}address; its status is ${status}`, {
    host: name,
    hint: 'belt ls shows the addresses',
  })
}

/** All addresses of a machine that are known. */
export function addressesOf({ privateAddress, publicAddress, peerAddress }: Machine): string[] {
  return [privateAddress, publicAddress, peerAddress].flatMap(address => address ?? [])
}

/**
 * The address that a machine's node advertises: the private one if there is one, unless the config says public. Undefined
 * if only the host knows it.
 */
export function swarmAddress(fleet: Fleet, { privateAddress, publicAddress }: Machine): string | undefined {
  return fleet.swarm.advertise === 'public' ? publicAddress : (privateAddress ?? publicAddress)
}
