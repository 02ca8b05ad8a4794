import { usageError } from '../../errors.ts'
import { configPart, multipart, scriptPart } from '../cloud-init.ts'

/** DigitalOcean's limit. */
export const MAX_USER_DATA_BYTES = 64 * 1024

/**
 * What cloud-init does at the first start: what the config says, and then the script of the create.
 * @throws a usage error when both together are too long
 */
export function userData(ofConfig: string | undefined, script: string | undefined): string | undefined {
  if (script === undefined) return ofConfig
  if (ofConfig === undefined) return script
  const text = multipart([configPart(ofConfig), scriptPart(script)])
  const bytes = Buffer.byteLength(text)
  if (bytes <= MAX_USER_DATA_BYTES) return text
  throw usageError(
    'user-data-too-long',
    `the user data has ${bytes} bytes, of which DigitalOcean takes ${MAX_USER_DATA_BYTES}`,
    { hint: 'shorten digitalocean.user_data, for instance by having it fetch a script' },
  )
}
