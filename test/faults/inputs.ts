import fc from 'fast-check'
import { parseConfig } from '../../src/config/document.ts'
import { parseDuration } from '../../src/domain/duration.ts'
import { parseMemory } from '../../src/domain/memory.ts'
import { expand } from '../../src/domain/ranges.ts'
import { select } from '../../src/domain/selection.ts'
import { parseBytes } from '../../src/domain/size.ts'
import { BeltError } from '../../src/errors.ts'
import type { Attack } from './attack.ts'

const CASES = 4000
const FLEET = { names: ['mg0', 'node1', 'node2'], groups: new Map([['failed', ['node1']]]) }

/** Texts made of what has a meaning in ranges, selections, sizes and YAML. */
const pieces = (...words: string[]) =>
  fc
    .array(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 3 })), { maxLength: 12 })
    .map(parts => parts.join(''))
const ranges = pieces('node', '[', ']', ':', ',', '0', '9', '1', '99999999999', '-', '!', '&', '=', '@', '*')
const sizes = pieces('1', '0', '.', '-', 'e', 'm', 'mb', 'gb', 's', 'h', ' ', 'Infinity', 'NaN')
const documents = pieces(
  'a',
  ': ',
  '\n',
  '  ',
  '- ',
  '{',
  '}',
  '[',
  ']',
  '*x',
  '&x ',
  '!!js ',
  '"',
  "'",
  '#',
  '|',
)

/** Texts that users and files may hold: Belt takes each, or refuses it with an error of its own. */
export function inputAttacks(seed: number): Attack[] {
  return [
    fuzz('ranges', ranges, text => expand(text)),
    fuzz('selections', ranges, text => select(text, FLEET)),
    fuzz('durations', sizes, text => parseDuration(text)),
    fuzz('sizes', sizes, text => [parseBytes(text), parseMemory(text)]),
    fuzz('configs', documents, text => parseConfig('.belt.yaml', text)),
  ]

  function fuzz(title: string, texts: fc.Arbitrary<string>, take: (text: string) => unknown): Attack {
    return {
      title,
      cases: CASES,
      run: async () =>
        fc.assert(
          fc.property(texts, text => {
            try {
              take(text)
            } catch (error) {
              if (!(error instanceof BeltError)) throw error
            }
          }),
          { seed, numRuns: CASES },
        ),
    }
  }
}
