import { stdio } from '../../ui/stdio.ts'

/** Writes the pieces as fast as they are taken. @param print what writes one piece */
export async function printAll(
  pieces: Iterable<string>,
  print = (piece: string) => stdio.print(piece),
): Promise<void> {
  for (const piece of pieces) await print(piece)
}
