import { usageError } from '../../errors.ts'
import { configPart, multipart, scriptPart } from '../cloud-init.ts'

/** DigitalOcean's limit. */
export const MAX_USER_DATA_BYTES = 64 * 1024

/**
 * The user data for cloud-init: the config's user data, then the create's script.
 * @throws a usage error if both together are too long
 */
export function dropletUserData(
  ofConfig: string | undefined,
  script: string | undefined,
): string | undefined {
  if (script === undefined) return ofConfig
  if (ofConfig === undefined) return script
  const text = multipart([configPart(ofConfig), scriptPart(script)])
  const bytes = Buffer.byteLength(text)
  if (bytes <= MAX_USER_DATA_BYTES) return text
  throw usageError(
    'user-data-too-long',
    `the user data is ${bytes} bytes long, but DigitalOcean accepts at most ${MAX_USER_DATA_BYTES}`,
    { hint: 'shorten digitalocean.user_data, for example by downloading a script' },
  )
}
