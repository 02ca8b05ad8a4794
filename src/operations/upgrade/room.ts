import { type DrainImpact, holdsDrain } from '../../domain/swarm/drain-forecast.ts'
import { BeltError, ExitCode } from '../../errors.ts'

/** @throws a precheck error if the drain of a node would not end by itself */
export function assertDrainsEnd(impacts: readonly DrainImpact[]): void {
  const holding = impacts.filter(holdsDrain)
  if (holding.length > 0) throw noRoom(holding, { exitCode: ExitCode.precheck })
}

/**
 * The error for services that keep a node from being taken out.
 * @param holding what keeps it
 * @param node the name of the node, if it is one
 */
export function noRoom(
  holding: readonly DrainImpact[],
  { node, exitCode }: { readonly node?: string | undefined; readonly exitCode?: ExitCode } = {},
): BeltError {
  const reasons = new Set(holding.map(inWords))
  const names = [...new Set(holding.map(({ service }) => service))]
  const hasJob = holding.some(({ kind }) => kind === 'job')
  const hints = [
    ...(hasJob
      ? ['wait until the jobs have ended, or let the upgrade interrupt them with --allow-downtime']
      : []),
    ...(holding.some(({ kind }) => kind === 'stuck')
      ? ['make room for it on other nodes, or allow it to be down meanwhile with --allow-downtime']
      : []),
  ]
  return new BeltError('no-room', [...reasons].map(text => (node ? `${node}: ${text}` : text)).join('\n'), {
    ...(node !== undefined && { host: node }),
    ...(exitCode !== undefined && { exitCode }),
    hint: hints.join('\n'),
    details: { services: names },
  })
}

function inWords({ service, kind, reason }: DrainImpact): string {
  return kind === 'job' ? `${service} is a job: ${reason}` : `${service} cannot run elsewhere: ${reason}`
}
