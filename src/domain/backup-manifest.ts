import { z } from 'zod'

/** The format that this Belt writes, and the only one that it reads. */
export const BACKUP_FORMAT = 1

const names = z.array(z.string()).readonly()

const manifestSchema = z.object({
  format: z.literal(BACKUP_FORMAT),
  /** ISO 8601. */
  createdAt: z.iso.datetime(),
  cluster: z.string().min(1),
  clusterId: z.string().min(1),
  engineVersion: z.string(),
  /** Whether the state can be used only with the unlock key of that time. */
  autolock: z.boolean(),
  /** The manager that the state is of. A host that it is restored on must own this address. */
  node: z.object({ id: z.string(), name: z.string(), address: z.ipv4() }),
  /** All managers of that time. */
  managers: z.array(z.object({ id: z.string(), hostname: z.string(), address: z.string() })).readonly(),
  contents: z.object({ services: names, secrets: names, configs: names, networks: names, nodes: names }),
  archive: z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/), bytes: z.number().int().positive() }),
})

/** What a backup says of itself. It holds no secret; the archive beside it does. */
export type BackupManifest = z.infer<typeof manifestSchema>

/**
 * Reads a manifest.
 * @throws Error in words for people when it is none, or one of another format
 */
export function parseManifest(text: string): BackupManifest {
  const data: unknown = JSON.parse(text)
  const format = z.object({ format: z.number() }).safeParse(data).data?.format
  if (format !== undefined && format !== BACKUP_FORMAT) {
    throw new Error(`it has format ${format}, and this Belt reads format ${BACKUP_FORMAT}`)
  }
  const parsed = manifestSchema.safeParse(data)
  if (parsed.success) return parsed.data
  throw new Error(`its manifest is no good: ${z.prettifyError(parsed.error)}`)
}
