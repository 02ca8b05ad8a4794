import { redact, redactedTail } from '../../domain/redact.ts'

/** A run sends about ten different commands to its hosts at a time. */
const MAX_REMEMBERED = 100

/** Masks the secrets of a run in the texts of its journal and its log. */
export class Masker {
  readonly #secrets: readonly string[]
  /** Recently masked texts, by their originals. */
  readonly #recent = new Map<string, string>()

  /** @param secrets the values to mask, besides texts that look like secrets */
  constructor(secrets: readonly string[]) {
    this.#secrets = secrets
  }

  mask(text: string): string {
    return redact(text, this.#secrets)
  }

  /** The same, for texts that repeat for many hosts. */
  maskRepeated(text: string): string {
    const known = this.#recent.get(text)
    if (known !== undefined) return known
    const masked = this.mask(text)
    if (this.#recent.size >= MAX_REMEMBERED) this.#recent.clear()
    this.#recent.set(text, masked)
    return masked
  }

  /** The last characters of a text, masked. */
  maskedTail(text: string, maxChars: number): string {
    return redactedTail(text, this.#secrets, maxChars)
  }
}
