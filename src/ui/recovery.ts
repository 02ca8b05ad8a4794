import { foldShort } from '../domain/ranges.ts'
import { failedOf } from '../hosts/fan-out.ts'
import type { Recovered } from '../operations/recovery/finish.ts'
import type { FinishPlan, ForcePlan } from '../operations/recovery/plan.ts'

/** What a recovery is about to do, and what is lost with it. */
export function recoveryPlanText(plan: ForcePlan | FinishPlan): string {
  return plan.kind === 'force' ? forceText(plan) : finishText(plan)
}

/** What the user is asked before a recovery. */
export function recoveryQuestion(plan: ForcePlan | FinishPlan, cluster: string): string {
  return plan.kind === 'force'
    ? `Make a new cluster of ${plan.chosen.name} for ${cluster}?`
    : `Finish the recovery of ${cluster}?`
}

function forceText({ clusterId, chosen, survivors, lost }: ForcePlan): string {
  const most = survivors[0]?.progress.commit ?? 0
  const behind = most - chosen.progress.commit
  const off = lost.filter(manager => manager.off).map(({ name }) => name)
  const others = survivors.filter(({ name }) => name !== chosen.name).map(({ name }) => name)
  return [
    `the swarm ${clusterId} has lost its quorum: ${survivors.length} of ${survivors.length + lost.length} managers answer`,
    ...survivors.map(({ name, progress }) => `  ${name}: answers, has ${progress.commit} decisions`),
    ...lost.map(({ name, why }) => `  ${name}: lost; ${why}`),
    ...(off.length > 0 ? [`to lose nothing, start them instead: belt start ${foldShort(off)}`] : []),
    `a new cluster is made of ${chosen.name} (${chosen.address}), with its services, secrets, configs and networks`,
    ...(behind > 0
      ? [`${chosen.name} lacks ${behind} decisions that ${survivors[0]?.name} has: they are lost`]
      : []),
    'lost with it: what the others decided and none of those that answer has heard of',
    ...(others.length > 0
      ? [
          `${foldShort(others)} forget what they have of the old Raft group, and become managers of the new one`,
        ]
      : []),
    `${foldShort(lost.map(({ name }) => name))} ${lost.length === 1 ? 'is' : 'are'} taken off the list of nodes, and must leave (belt swarm leave NAME --force) before joining again`,
  ].join('\n')
}

function finishText({ manager, leftovers }: FinishPlan): string {
  const names = leftovers.map(({ hostname, id }) => hostname || id)
  return [
    `a recovery was not finished: ${manager.machine.name} takes decisions, and ${foldShort(names)} of the old managers are still listed`,
    'those that live become managers again, the others are taken off the list',
  ].join('\n')
}

/** A swarm that takes decisions again. */
export function recoveredText({ manager, rejoined, removed, workers }: Recovered): string {
  const done = (answers: Recovered['removed']) => answers.filter(({ ok }) => ok).map(({ host }) => host)
  const lines = [
    `${manager}: leads the swarm, and is the active host`,
    ...done(rejoined).map(name => `${name}: is a manager again`),
    ...done(removed).map(name => `${name}: taken off the list of nodes`),
    ...(workers.back.length > 0 ? [`workers back: ${foldShort(workers.back)}`] : []),
    ...(workers.missing.length > 0 ? [`workers not back yet: ${foldShort(workers.missing)}`] : []),
  ]
  const failed = failedOf([...rejoined, ...removed]).length > 0
  const next = failed
    ? ['belt swarm recover   # again: it goes on where it stopped']
    : [
        'belt swarm status',
        `belt swarm join --manager ${manager} NODES   # until there are three managers`,
        'belt swarm token worker --rotate; belt swarm token manager --rotate',
        'belt swarm backup',
      ]
  return `${lines.join('\n')}\nNext:\n${next.map(line => `  ${line}\n`).join('')}`
}

/** A plan as `--json` prints it. */
export function recoveryPlanAsJson(plan: ForcePlan | FinishPlan): object {
  if (plan.kind === 'finish') {
    const left = plan.leftovers.map(({ id, hostname }) => ({ nodeId: id, hostname }))
    return {
      kind: plan.kind,
      clusterId: plan.manager.clusterId,
      manager: plan.manager.machine.name,
      leftovers: left,
    }
  }
  const { kind, clusterId, chosen, survivors, lost } = plan
  return {
    kind,
    clusterId,
    manager: chosen.name,
    survivors: survivors.map(({ name, nodeId, address, progress }) => ({ name, nodeId, address, progress })),
    lost: lost.map(({ name, nodeId, address, why }) => ({ name, nodeId, address, why })),
  }
}

/** A recovery as `--json` prints it. */
export function recoveredAsJson({ rejoined, removed, ...recovered }: Recovered): object {
  const rows = (answers: Recovered['removed']) =>
    answers.map(answer => ({ name: answer.host, ...(!answer.ok && { error: answer.error.message }) }))
  return { ...recovered, rejoined: rows(rejoined), removed: rows(removed) }
}
