import type { z } from 'zod'
import type { ClusterContext, Driver } from './driver.ts'

/** A driver as the registry hands it out: what it can be told, and how one is made for a cluster. */
export interface DriverModule<Schema extends z.ZodObject = z.ZodObject> {
  readonly name: string
  /**
   * A strict object of the driver's options, in snake case, each with a description. An option's environment
   * counterpart is a string, so every option that can be written as one accepts one.
   */
  readonly schema: Schema
  /** The options that are masked wherever a config is shown. */
  readonly secrets: readonly string[]
  /** The secrets that are refused, and not only warned about, in a file that others may read. */
  readonly guarded?: readonly string[]
  /** Makes the driver of one cluster; contacts nothing. */
  create(options: z.output<Schema>, context: ClusterContext): Driver
}
