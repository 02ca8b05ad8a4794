/** A machine to be placed or one that is placed already. */
interface Placed {
  readonly name: string
  readonly place: string | undefined
}

/**
 * Chooses a place for each name so that machines of a kind (`mg0`, `mg1` …) are spread evenly, those that exist
 * included: the loss of one place then takes as few of them as can be.
 * @param places zones or subnets; none means that EC2 chooses
 */
export function spread(
  names: readonly string[],
  places: readonly string[],
  existing: readonly Placed[],
): Map<string, string | undefined> {
  const placed: Placed[] = [...existing]
  const count = (place: string, kind?: string) =>
    placed.filter(other => other.place === place && (kind === undefined || kindOf(other.name) === kind))
      .length
  for (const name of names) {
    const [place] = places.toSorted(
      (a, b) => count(a, kindOf(name)) - count(b, kindOf(name)) || count(a) - count(b),
    )
    placed.push({ name, place })
  }
  return new Map(placed.slice(existing.length).map(({ name, place }) => [name, place]))
}

function kindOf(name: string): string {
  return name.replace(/\d+$/, '')
}
