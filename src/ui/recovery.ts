import { quote } from '../domain/quote.ts'
import { fold, foldShort } from '../domain/ranges.ts'
import { line } from '../domain/shown.ts'
import { failedOf } from '../hosts/fan-out.ts'
import type { Recovered } from '../operations/recovery/finish.ts'
import type { FinishPlan, ForcePlan } from '../operations/recovery/plan.ts'

/** What the recovery will do, and what will be lost. */
export function recoveryPlanText(plan: ForcePlan | FinishPlan): string {
  return plan.kind === 'force' ? forceText(plan) : finishText(plan)
}

/** What the user is asked before a recovery. */
export function recoveryQuestion(plan: ForcePlan | FinishPlan, cluster: string): string {
  return plan.kind === 'force'
    ? `Create a new cluster for ${cluster} from ${plan.chosen.name}?`
    : `Finish the recovery of ${cluster}?`
}

function forceText({ clusterId, chosen, survivors, lost }: ForcePlan): string {
  const most = survivors[0]?.progress.commit ?? 0
  const behind = most - chosen.progress.commit
  const off = lost.filter(manager => manager.off).map(({ name }) => name)
  const others = survivors.filter(({ name }) => name !== chosen.name).map(({ name }) => name)
  return [
    line`the swarm ${clusterId} has lost its quorum: ${survivors.length} of ${survivors.length + lost.length} managers answer`,
    ...survivors.map(({ name, progress }) => line`  ${name}: answers, has ${progress.commit} decisions`),
    ...lost.map(({ name, why }) => line`  ${name}: lost (${why})`),
    ...(off.length > 0
      ? [line`to lose nothing, start these managers instead: belt start ${quote(fold(off))}`]
      : []),
    line`a new cluster will be created from ${chosen.name} (${chosen.address}), with its services, secrets, configs and networks`,
    ...(behind > 0
      ? [line`${chosen.name} lacks ${behind} decisions that ${survivors[0]?.name} has: they will be lost`]
      : []),
    'decisions that only the lost managers know will be lost',
    ...(others.length > 0
      ? [
          line`${foldShort(others)} will drop the old Raft group, and rejoin as ${others.length === 1 ? 'a manager' : 'managers'} of the new one`,
        ]
      : []),
    line`${foldShort(lost.map(({ name }) => name))} will be removed from the swarm; before rejoining: belt swarm leave NAME --force`,
  ].join('\n')
}

function finishText({ manager, leftovers }: FinishPlan): string {
  const names = leftovers.map(({ hostname, id }) => hostname || id)
  return [
    line`a recovery was interrupted: ${manager.machine.name} leads the swarm, but these old managers are still listed: ${foldShort(names)}`,
    'those that still run will become managers again, the others will be removed',
  ].join('\n')
}

/** A recovered swarm, and the next steps. */
export function recoveredText({ manager, rejoined, removed, workers }: Recovered): string {
  const done = (answers: Recovered['removed']) => answers.filter(({ ok }) => ok).map(({ host }) => host)
  const lines = [
    line`${manager}: leads the swarm, and is the active host`,
    ...done(rejoined).map(name => line`${name}: manager again`),
    ...done(removed).map(name => line`${name}: removed from the swarm`),
    ...(workers.back.length > 0 ? [line`workers back: ${foldShort(workers.back)}`] : []),
    ...(workers.missing.length > 0 ? [line`workers not back yet: ${foldShort(workers.missing)}`] : []),
  ]
  const failed = failedOf([...rejoined, ...removed]).length > 0
  const next = failed
    ? ['belt swarm recover   # continues where it stopped']
    : [
        'belt swarm status',
        line`belt swarm join --manager ${manager} NODES   # until there are three managers`,
        'belt swarm token worker --rotate; belt swarm token manager --rotate',
        'belt swarm backup',
      ]
  return `${lines.join('\n')}\nNext:\n${next.map(step => `  ${step}\n`).join('')}`
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
