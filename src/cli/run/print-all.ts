import { stdio } from '../../ui/stdio.ts'

/** Writes the pieces to stdout, as fast as it takes them. */
export async function printAll(pieces: Iterable<string>): Promise<void> {
  for (const piece of pieces) await stdio.print(piece)
}
