/** What stands for a secret wherever one is left out. */
export const MASK = '********'

/** Words in small letters and capitals. The flag `i` does the same, and takes V8 a millisecond or two longer at each start. */
function anyCase(words: string): string {
  return words.replace(/[a-z]/g, letter => `[${letter}${letter.toUpperCase()}]`)
}

const NAME = `(?:${anyCase('token|secret|password|passwd|passphrase|key')})`
/** A key alone is too common in plain words: `the host key: …`. */
const LABEL = `${anyCase('token|secret|passw|passphrase|x-registry-auth')}|(?:${anyCase('private|access|api')})[_-]?${anyCase('key')}`
/** A word as a shell reads it. What is no shell's is cut too late rather than too early. */
const VALUE = String.raw`(?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s'"\\])+`

/** `DB_PASSWORD=…`, also behind a flag or within a text. */
const ASSIGNED = new RegExp(String.raw`(?<![\w.-])([\w.-]*${NAME}[\w.-]*["']?\s*=\s*)${VALUE}`, 'g')
/** `"JoinToken": "…"`, `access_token: …`. */
const LABELLED = new RegExp(String.raw`(?<![\w.-])([\w.-]*(?:${LABEL})[\w.-]*["']?\s*:\s*)${VALUE}`, 'g')
/** `--token …`; what begins with a dash is the next flag. */
const FLAGGED = new RegExp(String.raw`(?<![\w-])(--[\w-]*${NAME}\s+)(?!-)${VALUE}`, 'g')
const AUTHORIZATION = new RegExp(String.raw`(${anyCase('authorization')}["']?\s*:\s*)[^\r\n]+`, 'g')
const IN_URL = /(:\/\/[^\s/:@]*:)[^\s@/]+(?=@)/g

/** Secrets that are known by their looks: join tokens, unlock keys, DigitalOcean's tokens. */
const KNOWN_LOOKS = /SWMTKN-[\w-]+|SWMKEY-[\w+/=-]+|\bdo[opr]_v1_\w+/g
/** A text may end, or begin, in the middle of one. */
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g
const REST_OF_PRIVATE_KEY = /^[\s\S]*-----END [A-Z ]*PRIVATE KEY-----/

/** A shorter one would make a text unreadable, and is none. */
const LEAST_LENGTH = 6

const SECRET_FLAG = new RegExp(`^--[\\w-]*${NAME}$`)
const SECRET_WORD = new RegExp(String.raw`^((?:--?[\w-]+=)?[\w.-]*${NAME}[\w.-]*=)[\s\S]*$`)

/**
 * A text without the secrets in it: those that are known, those that have a known form, and what stands behind a name
 * that says so. It leaves out rather too much than too little.
 * @param known secrets by value
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

/** A program's arguments without the secrets in them; an argument's value may have blanks. */
export function redactArguments(argv: readonly string[]): string[] {
  return argv.map((word, index) => {
    if (SECRET_FLAG.test(argv[index - 1] ?? '') && !word.startsWith('-')) return MASK
    return redact(word.replace(SECRET_WORD, `$1${MASK}`))
  })
}

/** How much before the end that is shown is looked at as well; the longest secret, a private key, is shorter. */
const MARGIN = 4096

/** What a terminal would obey, when such a text is shown on one: all but line feeds and tabs. */
const CONTROLS = /(?![\n\t])\p{Cc}/gu

/**
 * The end of a long text, fit to be shown, without the secrets in it: they are taken out first, lest half of one
 * remain.
 */
export function redactedTail(text: string, known: readonly string[], length: number): string {
  const size = length + MARGIN
  const window = text.length > size ? text.slice(-size).replace(/^[^\s"',]*/, '') : text
  const clean = redact(window, known).replaceAll('\r\n', '\n').replace(CONTROLS, '?').trimEnd()
  return clean.length > length ? `… ${clean.slice(-length)}` : clean
}
