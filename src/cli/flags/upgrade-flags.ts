import { Flags } from '@oclif/core'
import { redact } from '../../domain/redact.ts'
import { parseUpgrade, type Upgrade, upgradeText } from '../../domain/upgrade/upgrade.ts'
import { parseMaxUnavailable } from '../../domain/upgrade/waves.ts'
import { usageError } from '../../errors.ts'
import type { GlobalFlags } from './global-flags.ts'

/** The kinds of upgrades, of which exactly one must be given. */
const kindFlags = {
  size: Flags.string({ helpValue: '16gb', summary: 'resize the machines' }),
  engine: Flags.string({
    helpValue: 'VERSION',
    summary: 'install this version of Docker Engine and hold it',
  }),
  reboot: Flags.boolean({ summary: 'reboot the machines' }),
  command: Flags.string({
    helpValue: "'LINE'",
    summary:
      'run a shell command on each machine, such as a package upgrade; it must not contain a secret, because node labels store it until the upgrade is finished',
  }),
}

/** The flag for the impact of an upgrade on services. */
export const leaveFlags = {
  'allow-downtime': Flags.boolean({
    summary: 'allow downtime for services that cannot run on other nodes, and interrupt jobs',
  }),
}

/** The flag for the impact of an upgrade on managers. */
export const outageFlags = {
  'allow-outage': Flags.boolean({
    summary: 'proceed with only one or two managers, at the risk of an outage of the swarm',
  }),
}

/** How many workers may be unavailable at once. Its value is kept as the user wrote it. */
export const maxUnavailableFlag = Flags.custom<string>({
  helpValue: '10%',
  async parse(text) {
    parseMaxUnavailable(text)
    return text
  },
})

/** The flags of every upgrade. Each role adds its own. */
export const upgradeFlags = {
  ...kindFlags,
  ...leaveFlags,
  'any-version': Flags.boolean({
    dependsOn: ['engine'],
    summary: 'allow engine downgrades and skipped major releases',
  }),
  'dry-run': Flags.boolean({ summary: 'show what would be done without changing anything' }),
}

/** The values of these flags. */
export type UpgradeFlags = GlobalFlags & {
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

/** The upgrade that the flags ask for. @throws a usage error unless exactly one is given, without a secret */
export function upgradeOf({ size, engine, reboot, command }: UpgradeFlags): Upgrade {
  const kinds: Upgrade[] = [
    ...(size === undefined ? [] : [{ kind: 'size' as const, size }]),
    ...(engine === undefined ? [] : [{ kind: 'engine' as const, version: engine }]),
    ...(reboot ? [{ kind: 'reboot' as const }] : []),
    ...(command === undefined ? [] : [{ kind: 'command' as const, line: command }]),
  ]
  const [upgrade, ...more] = kinds
  if (upgrade && more.length === 0) return assertStorable(upgrade)
  throw usageError('one-upgrade', upgrade ? 'specify only one kind of upgrade' : 'specify what to upgrade', {
    hint: "use one of --size 16gb, --engine VERSION, --reboot, --command 'LINE'",
  })
}

/** Checks that the upgrade can be stored in labels, which must be parsable and must not contain secrets. */
function assertStorable(upgrade: Upgrade): Upgrade {
  const text = upgradeText(upgrade)
  if (!parseUpgrade(text.trimEnd())) {
    throw usageError('no-value', `--${upgrade.kind} is empty`, {
      hint: 'check whether a shell variable is empty',
    })
  }
  if (redact(text) === text) return upgrade
  throw usageError(
    'secret-in-command',
    `--${upgrade.kind} seems to contain a secret, and node labels would store it`,
    {
      hint: 'put the command into a script on the hosts that only root can read, and run the script',
    },
  )
}
