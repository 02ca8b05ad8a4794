import { z } from 'zod'
import { inventoryFaults } from './inventory.ts'

const entry = z.strictObject({
  name: z.string().min(1).describe('A name or a range, such as node[1:4]'),
  address: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .describe('An IP address, a DNS name, a range such as 10.0.0.[1:4], or a list; one address per name'),
  private_address: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .optional()
    .describe('Addresses on the private network of the hosts, in the same format as address'),
  user: z
    .string()
    .min(1)
    .optional()
    .describe('User to log in as over SSH (default: that of ssh_config, or root)'),
  port: z.coerce
    .number()
    .int()
    .min(1)
    .max(65535)
    .optional()
    .describe('SSH port (default: that of ssh_config, or 22)'),
})

/** The keys under `static:`. */
export const staticOptions = z.strictObject({
  hosts: z
    .array(entry)
    .min(1)
    .superRefine((entries, context) => {
      for (const { index, message } of inventoryFaults(entries)) {
        context.addIssue({ code: 'custom', message, path: [index] })
      }
    })
    .describe('The existing hosts, one entry per host or range'),
})

export type StaticOptions = z.output<typeof staticOptions>
export type InventoryEntry = z.output<typeof entry>
