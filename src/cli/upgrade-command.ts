import { Flags } from '@oclif/core'
import { redact } from '../domain/redact.ts'
import { parseUpgrade, type Upgrade, upgradeText } from '../domain/upgrade/upgrade.ts'
import { parseMaxUnavailable } from '../domain/upgrade/waves.ts'
import { usageError } from '../errors.ts'
import type { Fleet } from '../operations/fleet.ts'
import { beginUpgrade } from '../operations/upgrade/begin.ts'
import { planUpgrade, type UpgradePlan } from '../operations/upgrade/plan.ts'
import type { RunOptions, UpgradeResult } from '../operations/upgrade/run.ts'
import type { Node } from '../remote/nodes.ts'
import { describePlan } from '../ui/upgrade.ts'
import { BeltCommand } from './base-command.ts'
import type { GlobalFlags } from './flags.ts'

/** What is done to each node: one of these. */
const kindFlags = {
  size: Flags.string({ helpValue: '16gb', summary: 'give the machines this size' }),
  engine: Flags.string({
    helpValue: 'VERSION',
    summary: 'install this version of the Docker Engine, and hold it there',
  }),
  reboot: Flags.boolean({ summary: 'restart the machines' }),
  command: Flags.string({
    helpValue: "'LINE'",
    summary:
      'run a line of the remote shell on each, such as an upgrade of packages; the swarm keeps it in labels meanwhile, so it must hold no secret',
  }),
}

/** How it may be done. */
export const leaveFlags = {
  'allow-downtime': Flags.boolean({ summary: 'let services be down that find no other place meanwhile' }),
}

/** How managers may be upgraded. */
export const outageFlags = {
  'allow-outage': Flags.boolean({
    summary:
      'go on where there are only one or two managers, which cannot be upgraded without a risk or an outage',
  }),
}

/** The flags of an upgrade, beside those of its nodes' role. */
export const upgradeFlags = {
  ...kindFlags,
  ...leaveFlags,
  'any-version': Flags.boolean({
    dependsOn: ['engine'],
    summary: 'let an engine become older, or skip a major release',
  }),
  'dry-run': Flags.boolean({ summary: 'say what would be done, and change nothing' }),
}

type Flagged = GlobalFlags & {
  size?: string | undefined
  engine?: string | undefined
  reboot: boolean
  command?: string | undefined
  'allow-downtime': boolean
  'any-version': boolean
  'dry-run': boolean
  'allow-outage'?: boolean
  'max-unavailable'?: string
}

/** What `--json` prints of an upgrade. */
export interface UpgradeReport {
  readonly steps: UpgradePlan['steps']
  readonly untouched: readonly string[]
  readonly upgraded: readonly string[]
  readonly failed: readonly string[]
  /** Those that were not begun with. */
  readonly left: readonly string[]
}

/** What the upgrades of managers and of workers share. */
export abstract class UpgradeCommand extends BeltCommand {
  protected async upgrade(
    role: Node['role'],
    words: readonly unknown[],
    flags: Flagged,
  ): Promise<UpgradeReport> {
    const maxUnavailable = flags['max-unavailable']
    if (maxUnavailable !== undefined) parseMaxUnavailable(maxUnavailable)
    const request = {
      role,
      words: words as string[],
      upgrade: upgradeOf(flags),
      options: {
        maxUnavailable,
        allowOutage: flags['allow-outage'] ?? false,
        allowDowntime: flags['allow-downtime'],
      },
      anyVersion: flags['any-version'],
    }
    if (flags['dry-run']) {
      const plan = await planUpgrade(await this.openFleet(flags), request)
      this.print(describePlan(plan))
      return { steps: plan.steps, untouched: plan.untouched, upgraded: [], failed: [], left: [] }
    }
    return this.changeSwarm(flags, async (fleet: Fleet) => {
      const plan = await planUpgrade(fleet, request)
      fleet.progress.note(describePlan(plan).trimEnd())
      const result = await beginUpgrade(fleet, plan, this.runOptions(flags))
      return { steps: plan.steps, untouched: plan.untouched, ...this.report(result) }
    })
  }

  protected runOptions({ timeout }: GlobalFlags): RunOptions {
    return { timeoutMs: timeout, onUpgraded: name => this.print(`${name}: upgraded\n`) }
  }

  /** Shows the failures of a run, and sets the exit code. */
  protected report({
    upgraded,
    failures,
    left,
  }: UpgradeResult): Pick<UpgradeReport, 'upgraded' | 'failed' | 'left'> {
    const failed = failures.map(({ host, error }) => ({ name: host, error }))
    this.reportFailures(failed, upgraded.length + failed.length)
    return { upgraded, failed: failed.map(({ name }) => name), left }
  }
}

function upgradeOf({ size, engine, reboot, command }: Flagged): Upgrade {
  const kinds: Upgrade[] = [
    ...(size === undefined ? [] : [{ kind: 'size' as const, size }]),
    ...(engine === undefined ? [] : [{ kind: 'engine' as const, version: engine }]),
    ...(reboot ? [{ kind: 'reboot' as const }] : []),
    ...(command === undefined ? [] : [{ kind: 'command' as const, line: command }]),
  ]
  const [upgrade, ...more] = kinds
  if (upgrade && more.length === 0) return keepable(upgrade)
  throw usageError('one-upgrade', upgrade ? 'one upgrade at a time' : 'what is to be upgraded is missing', {
    hint: "give one of --size 16gb, --engine VERSION, --reboot, --command 'LINE'",
  })
}

/** What is kept in the swarm must be there to be read again, by everyone. */
function keepable(upgrade: Upgrade): Upgrade {
  const text = upgradeText(upgrade)
  if (!parseUpgrade(text.trimEnd())) {
    throw usageError('no-value', `--${upgrade.kind} says nothing`, {
      hint: 'is a variable of your shell empty?',
    })
  }
  if (redact(text) === text) return upgrade
  throw usageError(
    'secret-in-command',
    `--${upgrade.kind} seems to hold a secret, and is kept in the labels of nodes`,
    {
      hint: 'put the line into a script on the hosts, readable by root only, and have that run',
    },
  )
}
