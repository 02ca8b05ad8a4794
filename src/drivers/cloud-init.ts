const BOUNDARY = '==belt=='

/** One part of user data, such as a script. */
export interface UserDataPart {
  /** The MIME type; with `text/plain`, cloud-init detects the type from the first line. */
  readonly type: string
  readonly content: string
}

/** A shell script that cloud-init runs as root at the first boot. */
export function scriptPart(content: string): UserDataPart {
  return { type: 'text/x-shellscript', content }
}

/** User data from the config; a MIME part is kept unchanged. */
export function configPart(content: string): UserDataPart {
  return { type: 'text/plain', content }
}

/** Combines parts into user data for cloud-init: https://cloudinit.readthedocs.io/en/latest/explanation/format.html */
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
