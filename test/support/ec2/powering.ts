import type { Context, Handler } from './context.ts'
import { type Instance, instanceXml, type State, stateXml } from './instance.ts'
import { type QueryStructure, structure, text, texts } from './query.ts'
import { Refusal } from './refusal.ts'
import { filterOf } from './tags.ts'

/** Instances that ended stay listed for a while. */
const LISTED_MS = 3_600_000

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html */
export const DescribeInstances: Handler = (query, context) => {
  const ids = texts(query, 'InstanceId')
  const size = text(query, 'MaxResults')
  if (size !== undefined && (ids.length > 0 || Number(size) < 5 || Number(size) > 1000))
    throw new Refusal('InvalidParameterValue', 'MaxResults is 5 to 1000, and not together with ids')
  const matches = filterOf<Instance>(query, { 'instance-state-name': ({ state }) => state })
  const all = ids.length > 0 ? known(ids, context) : visible(context)
  // The order is not defined.
  const found = all.filter(matches).toReversed()
  const start = Number(text(query, 'NextToken') ?? 0)
  const end = size === undefined ? found.length : start + Number(size)
  return {
    reservationSet: found.slice(start, end).map(instance => ({
      reservationId: instance.reservation,
      ownerId: '123456789012',
      instancesSet: [instanceXml(instance)],
    })),
    nextToken: end < found.length ? String(end) : undefined,
  }
}

export const TerminateInstances: Handler = (query, context) => {
  const instances = known(texts(query, 'InstanceId'), context)
  const isProtected = instances.find(({ tags }) => tags.has('protected'))
  if (isProtected) {
    throw new Refusal(
      'OperationNotPermitted',
      `The instance '${isProtected.id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
    )
  }
  return changes(instances, instance => {
    if (instance.state !== 'terminated' && instance.state !== 'shutting-down') context.life.end(instance)
  })
}

export const StopInstances: Handler = (query, context) => {
  const instances = inState(query, context, ['running', 'stopping', 'stopped'], 'stopped')
  return changes(instances, instance => {
    if (instance.state === 'running') context.life.stop(instance)
  })
}

export const StartInstances: Handler = (query, context) => {
  const instances = inState(query, context, ['stopped', 'pending', 'running'], 'started')
  return changes(instances, instance => {
    if (instance.state === 'stopped') context.life.start(instance)
  })
}

export const RebootInstances: Handler = (query, context) => {
  inState(query, context, ['running'], 'rebooted')
  return { return: true }
}

export const ModifyInstanceAttribute: Handler = (query, context) => {
  const [instance] = known([text(query, 'InstanceId') ?? ''], context)
  const type = text(structure(query, 'InstanceType'), 'Value')
  if (!instance || type === undefined) throw new Refusal('MissingParameter', 'No attribute to modify')
  if (instance.state !== 'stopped') {
    throw new Refusal(
      'IncorrectInstanceState',
      `The instance '${instance.id}' is not in the 'stopped' state.`,
    )
  }
  if (!/^[a-z]+\d[a-z]*\.\w+$/.test(type))
    throw new Refusal('InvalidInstanceAttributeValue', `The instance type ${type} is not valid`)
  instance.type = type
  return { return: true }
}

function visible({ region, clock }: Context): Instance[] {
  const now = clock.now()
  for (const [id, { terminatedAt = now }] of region.instances)
    if (now - terminatedAt > LISTED_MS) region.instances.delete(id)
  return [...region.instances.values()].filter(({ visibleAt }) => visibleAt <= now)
}

/** @throws Refusal for the whole call when one id is not known */
function known(ids: readonly string[], context: Context): Instance[] {
  const there = new Map(visible(context).map(instance => [instance.id, instance]))
  const missing = ids.filter(id => !there.has(id))
  if (missing.length > 0) {
    const which = missing.length === 1 ? `ID '${missing[0]}' does` : `IDs '${missing.join(', ')}' do`
    throw new Refusal('InvalidInstanceID.NotFound', `The instance ${which} not exist`)
  }
  return ids.flatMap(id => there.get(id) ?? [])
}

function inState(query: QueryStructure, context: Context, states: State[], verb: string): Instance[] {
  const instances = known(texts(query, 'InstanceId'), context)
  const other = instances.find(({ state }) => !states.includes(state))
  if (!other) return instances
  throw new Refusal(
    'IncorrectInstanceState',
    `The instance '${other.id}' is not in a state from which it can be ${verb}.`,
  )
}

function changes(instances: readonly Instance[], change: (instance: Instance) => void) {
  return {
    instancesSet: instances.map(instance => {
      const previousState = stateXml(instance.state)
      change(instance)
      return { instanceId: instance.id, currentState: stateXml(instance.state), previousState }
    }),
  }
}
