/** An answer that tells of a failure. */
export class Refusal extends Error {
  readonly status: number
  readonly id: string
  readonly attributes: Record<string, unknown> | undefined

  constructor(status: number, id: string, message: string, attributes?: Record<string, unknown>) {
    super(message)
    this.status = status
    this.id = id
    this.attributes = attributes
  }
}

export function unprocessable(message: string, attributes?: Record<string, unknown>): Refusal {
  return new Refusal(422, 'unprocessable_entity', message, attributes)
}

export function notFound(): Refusal {
  return new Refusal(404, 'not_found', 'The resource you were accessing could not be found.')
}
