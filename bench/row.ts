/** A figure of a benchmark, as the table shows it. */
export interface Row {
  readonly figure: string
  readonly goal: string
  readonly measured: string
}
