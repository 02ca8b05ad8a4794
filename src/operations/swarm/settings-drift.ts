import { parseDuration } from '../../domain/duration.ts'
import { reasonOf } from '../../errors.ts'
import type { Host } from '../../hosts/host.ts'
import { readSwarmFacts } from '../../queries/swarm-settings.ts'
import type { Fleet } from '../fleet.ts'

/** What only a new swarm takes from the config. */
const FIXED = 'which cannot change once the swarm exists'

/**
 * How the swarm differs from the `swarm` settings of the config, as sentences; none if the config sets nothing that the
 * swarm tells. If the swarm cannot be asked, one sentence says why.
 */
export async function settingsDrift(fleet: Fleet, manager: Host): Promise<string[]> {
  const { certificateExpiry, taskHistoryLimit, defaultAddressPools, ...wanted } = fleet.swarm
  const { defaultAddressPoolMaskLength, dataPathPort } = wanted
  const settings = [certificateExpiry, taskHistoryLimit, defaultAddressPools, defaultAddressPoolMaskLength]
  if ([...settings, dataPathPort].every(value => value === undefined)) return []
  const facts = await readSwarmFacts(manager, fleet.signal).catch(reasonOf)
  if (typeof facts === 'string')
    return [`the swarm settings of the config could not be compared with the swarm: ${facts}`]
  const expiryMs = certificateExpiry === undefined ? undefined : parseDuration(certificateExpiry)
  const hours = `${facts.certificateExpiryMs / 3_600_000}h`
  return [
    ...differing(
      'cert_expiry',
      expiryMs,
      facts.certificateExpiryMs,
      [certificateExpiry, hours],
      `belt swarm update --cert-expiry ${certificateExpiry}`,
    ),
    ...differing(
      'task_history_limit',
      taskHistoryLimit,
      facts.taskHistoryLimit,
      undefined,
      `belt docker swarm update --task-history-limit ${taskHistoryLimit}`,
    ),
    ...differing('default_addr_pool', defaultAddressPools?.join(', '), facts.addressPools.join(', ')),
    ...differing('default_addr_pool_mask_length', defaultAddressPoolMaskLength, facts.poolMaskLength),
    ...differing('data_path_port', dataPathPort, facts.dataPathPort),
  ]
}

/** @param shown how both values are written, if not as they are */
function differing<T>(
  key: string,
  wanted: T | undefined,
  is: T,
  [wantedText, isText]: readonly [unknown, unknown] = [wanted, is],
  fix?: string,
): string[] {
  if (wanted === undefined || wanted === is) return []
  const how = fix === undefined ? `, ${FIXED}` : `: ${fix}`
  return [`swarm.${key} of the config is ${wantedText}, and the swarm has ${isText}${how}`]
}
