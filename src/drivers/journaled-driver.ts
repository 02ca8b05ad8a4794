import { BeltError, ExitCode, reasonOf } from '../errors.ts'
import type { Act, Ending, Recorder } from '../record.ts'
import { type Driver, type Machine, type MachineSpec, OUTCOME_UNKNOWN, type Outcome } from './driver.ts'

type Method = (...args: unknown[]) => Promise<unknown>
type Target = Machine | MachineSpec

/** What changes nothing; every other method is a change to the machines that it is given. */
const READS: readonly PropertyKey[] = ['validate', 'list']

/** A driver whose calls are noted in the debug log, and what they do to machines in the journal, one by one. */
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
        if (machines.length > 0) return eachNoted(driver, verb, machines, args.slice(1), call, recorder)
        // Without a machine to destroy, what the cluster as a whole has is removed.
        return noted({ ...actOf(driver, verb, []), journaled: verb === 'destroy' }, call, recorder)
      }
    },
  })
}

async function noted(act: Act, call: () => Promise<unknown>, recorder: Recorder) {
  const end = await recorder.begin(act)
  try {
    const value = await call()
    await end({
      result: 'ok',
      ...(Array.isArray(value) && { output: { machines: value.map(inWords).join('\n') } }),
    })
    return value
  } catch (error) {
    await end(failure(error))
    throw error
  }
}

async function eachNoted(
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
  const what = `${shown.charAt(0).toUpperCase()}${shown.slice(1)} ${words[0] ?? 'what is left of the cluster'}`
  return { what, command: [`${driver.name}:`, verb, ...words].join(' '), journaled: true }
}

function endingOf(verb: string, outcome: Outcome | undefined): Ending {
  if (!outcome) return { result: 'unknown', error: 'the driver did not tell' }
  if (!outcome.ok) return failure(outcome.error)
  if (!outcome.changed) return { result: 'ok', after: 'unchanged' }
  return { result: 'ok', after: verb === 'destroy' ? 'gone' : stateOf(outcome.machine) }
}

/** A driver that refuses says why with a coded error; anything else leaves open what became of the machine. */
function failure(error: unknown): Ending {
  const isCoded = error instanceof BeltError && error.code !== OUTCOME_UNKNOWN
  const isKnown = isCoded && error.exitCode !== ExitCode.interrupted
  return { result: isKnown ? 'failed' : 'unknown', error: reasonOf(error) }
}

function stateOf({ status, memoryMiB }: Machine): string {
  return memoryMiB === undefined ? status : `${status}, ${memoryMiB} MiB`
}

function inWords(machine: Machine): string {
  const { name, id, publicAddress, privateAddress } = machine
  return [name, id, stateOf(machine), publicAddress, privateAddress].filter(Boolean).join(' ')
}
