import type { Act, Ending, NoteEnd, Recorder } from '../../src/record.ts'

/** Keeps what it is told, in order. */
export class FakeRecorder implements Recorder {
  readonly lines: string[] = []
  readonly acts: { act: Act; ending?: Ending }[] = []

  log(text: string): void {
    this.lines.push(text)
  }

  async begin(act: Act): Promise<NoteEnd> {
    const entry: { act: Act; ending?: Ending } = { act }
    this.acts.push(entry)
    return async ending => {
      entry.ending = ending
    }
  }
}
