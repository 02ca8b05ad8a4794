import { shownText } from './shown.ts'

/** Replaces secrets in all output. */
export const MASK = '********'

/** Matches words in any case. The flag `i` does the same, but costs V8 a millisecond or two at each start. */
function anyCase(words: string): string {
  return words.replace(/[a-z]/g, letter => `[${letter}${letter.toUpperCase()}]`)
}

const NAME = `(?:${anyCase('token|secret|password|passwd|passphrase|key')})`
/** Just "key" is too common in plain text: `the host key: …`. */
const LABEL = `${anyCase('token|secret|passw|passphrase|x-registry-auth')}|(?:${anyCase('private|access|api')})[_-]?${anyCase('key')}`
/** A word in shell syntax. Masks rather too much of other text than too little. */
const VALUE = String.raw`(?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s'"\\])+`

/** `DB_PASSWORD=…`, also after a flag or inside a text. */
const ASSIGNED = new RegExp(String.raw`(?<![\w.-])([\w.-]*${NAME}[\w.-]*["']?\s*=\s*)${VALUE}`, 'g')
/** `"JoinToken": "…"`, `access_token: …`. */
const LABELLED = new RegExp(String.raw`(?<![\w.-])([\w.-]*(?:${LABEL})[\w.-]*["']?\s*:\s*)${VALUE}`, 'g')
/** `--token …`; a word that starts with a hyphen is the next flag. */
const FLAGGED = new RegExp(String.raw`(?<![\w-])(--[\w-]*${NAME}\s+)(?!-)${VALUE}`, 'g')
const AUTHORIZATION = new RegExp(String.raw`(${anyCase('authorization')}["']?\s*:\s*)[^\r\n]+`, 'g')
const IN_URL = /(:\/\/[^\s/:@]*:)[^\s@/]+(?=@)/g

/** Secrets with a known format: join tokens, unlock keys, DigitalOcean's tokens. */
const KNOWN_LOOKS = /SWMTKN-[\w-]+|SWMKEY-[\w+/=-]+|\bdo[opr]_v1_\w+/g
/** The text may start or end inside a key. */
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g
const REST_OF_PRIVATE_KEY = /^[\s\S]*-----END [A-Z ]*PRIVATE KEY-----/

/** Anything shorter is not a secret, and masking it would make texts unreadable. */
const LEAST_LENGTH = 6

const SECRET_FLAG = new RegExp(`^--[\\w-]*${NAME}$`)
const SECRET_WORD = new RegExp(String.raw`^((?:--?[\w-]+=)?[\w.-]*${NAME}[\w.-]*=)[\s\S]*$`)

/**
 * Masks the secrets in a text: known values, secrets with a known format, and values whose name suggests a secret. Masks
 * rather too much than too little.
 * @param known the values of known secrets
 */
export function redact(text: string, known: readonly string[] = []): string {
  const secrets = known.filter(({ length }) => length >= LEAST_LENGTH).sort((a, b) => b.length - a.length)
  return secrets
    .reduce((rest, secret) => rest.replaceAll(secret, MASK), text)
    .replace(PRIVATE_KEY, MASK)
    .replace(REST_OF_PRIVATE_KEY, MASK)
    .replace(KNOWN_LOOKS, MASK)
    .replace(AUTHORIZATION, `$1${MASK}`)
    .replace(IN_URL, `$1${MASK}`)
    .replace(ASSIGNED, `$1${MASK}`)
    .replace(LABELLED, `$1${MASK}`)
    .replace(FLAGGED, `$1${MASK}`)
}

/** Masks the secrets in a program's arguments, whose values may contain spaces. */
export function redactArguments(argv: readonly string[]): string[] {
  return argv.map((word, index) => {
    if (SECRET_FLAG.test(argv[index - 1] ?? '') && !word.startsWith('-')) return MASK
    return redact(word.replace(SECRET_WORD, `$1${MASK}`))
  })
}

/** How much text before the displayed part to redact as well; longer than the longest secret, a private key. */
const MARGIN = 4096

/**
 * The end of a long text for display, with secrets masked. Masks first and cuts afterwards, so that no part of a secret
 * remains.
 */
export function redactedTail(text: string, known: readonly string[], length: number): string {
  const size = length + MARGIN
  const window = text.length > size ? text.slice(-size).replace(/^[^\s"',]*/, '') : text
  const clean = shownText(redact(window, known).replaceAll('\r\n', '\n')).trimEnd()
  return clean.length > length ? `… ${clean.slice(-length)}` : clean
}
