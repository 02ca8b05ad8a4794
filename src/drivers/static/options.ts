import { z } from 'zod'

const entry = z.strictObject({
  name: z.string().min(1).describe('A name or a range, such as node[1:4]'),
  address: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .describe('An address, a range such as 10.0.0.[1:4], or a list of them: as many as names'),
  private_address: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .optional()
    .describe('Addresses on the network that the hosts share, written like address'),
  user: z.string().min(1).default('root').describe('User that SSH logs in as'),
  port: z.coerce.number().int().min(1).max(65535).default(22).describe('Port of SSH'),
})

/** The keys under `static:`. */
export const staticOptions = z.strictObject({
  hosts: z.array(entry).min(1).describe('The hosts that exist, one entry for each or for a range of them'),
})

export type StaticOptions = z.output<typeof staticOptions>
export type InventoryEntry = z.output<typeof entry>
