/** Something that has a place, or is to get one. */
interface Placed {
  readonly name: string
  readonly place: string | undefined
}

/**
 * Chooses a place (a region, a zone) for each name. A name that begins with a place's name and a dash goes there
 * (`sgp1-node1`); all others are spread so that machines of a kind (`mg0`, `mg1` …) lie evenly, those that exist
 * included: five over three are 2+2+1, and the loss of one place takes as few of a kind as can be.
 * @param places in the order of preference; with none, no name gets a place
 */
export function place(
  names: readonly string[],
  places: readonly string[],
  existing: readonly Placed[] = [],
): Map<string, string | undefined> {
  const load = new Load()
  for (const { name, place } of existing) load.add(name, place)
  return new Map(
    names.map(name => {
      const chosen = places.find(candidate => name.startsWith(`${candidate}-`)) ?? load.least(places, name)
      load.add(name, chosen)
      return [name, chosen]
    }),
  )
}

/** How many machines lie where, of each kind and at all. */
class Load {
  readonly #counts = new Map<string, number>()

  add(name: string, place: string | undefined): void {
    for (const key of [`${place}`, `${place} ${kindOf(name)}`]) this.#counts.set(key, this.#count(key) + 1)
  }

  /** The place with the fewest of a name's kind, then with the fewest at all, then the one that is preferred. */
  least(places: readonly string[], name: string): string | undefined {
    const ofKind = (candidate: string) => this.#count(`${candidate} ${kindOf(name)}`)
    return places.toSorted((a, b) => ofKind(a) - ofKind(b) || this.#count(a) - this.#count(b))[0]
  }

  #count(key: string): number {
    return this.#counts.get(key) ?? 0
  }
}

function kindOf(name: string): string {
  return name.replace(/\d+$/, '')
}
