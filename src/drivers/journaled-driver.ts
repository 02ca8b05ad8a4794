import { BeltError, ExitCode, reasonOf } from '../errors.ts'
import type { Act, Ending, Recorder } from '../record.ts'
import { type Driver, type Machine, type MachineSpec, OUTCOME_UNKNOWN, type Outcome } from './driver.ts'

type Method = (...args: unknown[]) => Promise<unknown>
type Target = Machine | MachineSpec

/** Methods that change nothing. Every other method changes the machines passed to it. */
const READS: readonly PropertyKey[] = ['validate', 'list']

/** Wraps a driver: logs its calls in the debug log, and records each change to a machine in the journal. */
export function recordedDriver(driver: Driver, recorder: Recorder): Driver {
  return new Proxy(driver, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target)
      if (typeof value !== 'function') return value
      const method = value.bind(target) as Method
      const verb = String(key)
      return async (...args: unknown[]) => {
        const call = () => method(...args)
        const machines = READS.includes(key) ? [] : (args[0] as readonly Target[])
        if (machines.length > 0) return recordEach(driver, verb, machines, args.slice(1), call, recorder)
        // Destroying no machines removes what the cluster shares.
        return record({ ...actOf(driver, verb, []), journaled: verb === 'destroy' }, call, recorder)
      }
    },
  })
}

async function record(act: Act, call: () => Promise<unknown>, recorder: Recorder) {
  const end = await recorder.begin(act)
  try {
    const value = await call()
    await end({
      result: 'ok',
      ...(Array.isArray(value) && { output: { machines: value.map(describeMachine).join('\n') } }),
    })
    return value
  } catch (error) {
    await end(failure(error))
    throw error
  }
}

async function recordEach(
  driver: Driver,
  verb: string,
  machines: readonly Target[],
  more: readonly unknown[],
  call: () => Promise<unknown>,
  recorder: Recorder,
) {
  const detail = more.filter(argument => typeof argument === 'string')
  const acts: Act[] = machines.map(machine => ({
    ...actOf(driver, verb, [machine.name, ...('size' in machine ? [machine.size] : detail)]),
    machine: machine.name,
    before: 'status' in machine ? stateOf(machine) : undefined,
  }))
  const ends = await Promise.all(acts.map(act => recorder.begin(act)))
  try {
    const outcomes = (await call()) as Outcome[]
    const outcomeOf = ({ name }: Target) => outcomes.find(outcome => outcome.name === name)
    await Promise.all(machines.map((machine, index) => ends[index]?.(endingOf(verb, outcomeOf(machine)))))
    return outcomes
  } catch (error) {
    await Promise.all(ends.map(end => end(failure(error))))
    throw error
  }
}

function actOf(driver: Driver, verb: string, words: readonly string[]): Act {
  const shown = verb === 'destroy' ? driver.destroyVerb : verb
  const what = `${shown.charAt(0).toUpperCase()}${shown.slice(1)} ${words[0] ?? "the cluster's shared resources"}`
  return { what, command: [`${driver.name}:`, verb, ...words].join(' '), journaled: true }
}

function endingOf(verb: string, outcome: Outcome | undefined): Ending {
  if (!outcome) return { result: 'unknown', error: 'the driver reported no outcome' }
  if (!outcome.ok) return failure(outcome.error)
  if (!outcome.changed) return { result: 'ok', after: 'unchanged' }
  return { result: 'ok', after: verb === 'destroy' ? 'gone' : stateOf(outcome.machine) }
}

/** A coded error means that the driver refused. After any other error, the machine's state is unknown. */
function failure(error: unknown): Ending {
  const isCoded = error instanceof BeltError && error.code !== OUTCOME_UNKNOWN
  const isKnown = isCoded && error.exitCode !== ExitCode.interrupted
  return { result: isKnown ? 'failed' : 'unknown', error: reasonOf(error) }
}

function stateOf({ status, memoryMiB }: Machine): string {
  return memoryMiB === undefined ? status : `${status}, ${memoryMiB} MiB`
}

function describeMachine(machine: Machine): string {
  const { name, id, publicAddress, privateAddress } = machine
  return [name, id, stateOf(machine), publicAddress, privateAddress].filter(Boolean).join(' ')
}
