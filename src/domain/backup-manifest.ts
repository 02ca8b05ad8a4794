import { z } from 'zod'

/** The only format that this version of Belt reads and writes. */
export const BACKUP_FORMAT = 1

const names = z.array(z.string()).readonly()

const manifestSchema = z.object({
  format: z.literal(BACKUP_FORMAT),
  /** ISO 8601. */
  createdAt: z.iso.datetime(),
  cluster: z.string().min(1),
  clusterId: z.string().min(1),
  engineVersion: z.string(),
  /** Whether the state can only be used with the unlock key from the time of the backup. */
  autolock: z.boolean(),
  /** The manager that the state comes from. The host to restore on must have this address. */
  node: z.object({ id: z.string(), name: z.string(), address: z.ipv4() }),
  /** All managers at the time of the backup. */
  managers: z.array(z.object({ id: z.string(), hostname: z.string(), address: z.string() })).readonly(),
  contents: z.object({ services: names, secrets: names, configs: names, networks: names, nodes: names }),
  archive: z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/), bytes: z.number().int().positive() }),
})

/** Describes a backup. It contains no secrets; the archive next to it does. */
export type BackupManifest = z.infer<typeof manifestSchema>

/**
 * Parses a manifest.
 * @throws Error with a readable message if it is invalid or has another format
 */
export function parseManifest(text: string): BackupManifest {
  const data: unknown = JSON.parse(text)
  const format = z.object({ format: z.number() }).safeParse(data).data?.format
  if (format !== undefined && format !== BACKUP_FORMAT) {
    throw new Error(
      `the backup has format ${format}, but this version of Belt reads only format ${BACKUP_FORMAT}`,
    )
  }
  const parsed = manifestSchema.safeParse(data)
  if (parsed.success) return parsed.data
  throw new Error(`the manifest is invalid: ${z.prettifyError(parsed.error)}`)
}
