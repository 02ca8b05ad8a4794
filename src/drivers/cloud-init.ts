const BOUNDARY = '==belt=='

/** A piece of user data, such as a script. */
export interface UserDataPart {
  /** Its MIME type; `text/plain` lets cloud-init find out by the first line what it is. */
  readonly type: string
  readonly content: string
}

/** A shell script, which cloud-init runs as root at the first start. */
export function scriptPart(content: string): UserDataPart {
  return { type: 'text/x-shellscript', content }
}

/** What a config says; what is MIME itself becomes a part as it stands. */
export function configPart(content: string): UserDataPart {
  return { type: 'text/plain', content }
}

/** User data that cloud-init takes apart again: https://cloudinit.readthedocs.io/en/latest/explanation/format.html */
export function multipart(parts: readonly UserDataPart[]): string {
  return [
    'MIME-Version: 1.0',
    `Content-Type: multipart/mixed; boundary="${BOUNDARY}"`,
    '',
    ...parts.map(partText),
    `--${BOUNDARY}--`,
    '',
  ].join('\n')
}

function partText({ type, content }: UserDataPart): string {
  const isMime = /^(MIME-Version|Content-Type):/i.test(content)
  const head = isMime ? [] : [`Content-Type: ${type}; charset="utf-8"`, '']
  return [`--${BOUNDARY}`, ...head, content].join('\n')
}
