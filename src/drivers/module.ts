import type { z } from 'zod'
import type { ClusterContext, Driver } from './driver.ts'

/** A driver in the registry: its options, and how to create one for a cluster. */
export interface DriverModule<Schema extends z.ZodObject = z.ZodObject> {
  readonly name: string
  /**
   * A strict object of the driver's options, in snake case, each with a description. Options can also come from the
   * environment, so every option that can be written as a string accepts one.
   */
  readonly schema: Schema
  /** The options to mask wherever a config is shown. */
  readonly secrets: readonly string[]
  /** Secrets that cause an error, not just a warning, in a config file that other users can read. */
  readonly guarded?: readonly string[]
  /** Variables with secrets that the driver, or the vendor's library, reads itself. */
  readonly secretVariables?: readonly string[]
  /** Options with an address that secrets are sent to. */
  readonly destinations?: readonly string[]
  /** Creates the driver for one cluster; contacts nothing. */
  create(options: z.output<Schema>, context: ClusterContext): Driver
}
