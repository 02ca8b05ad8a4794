import { usageError } from '../../errors.ts'

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html, before it is encoded. */
const MAX_BYTES = 16_384
const BOUNDARY = '==belt=='

/**
 * What cloud-init does at the first start, for all instances of one request alike: each takes the host name at its
 * launch index, and lets the user that SSH logs in as use the Docker Engine; then what the config says.
 * @returns base64, as EC2 wants it
 * @throws a usage error when it is too long
 */
export function userData(names: readonly string[], user: string, ofConfig: string | undefined): string {
  const parts = [
    part('text/jinja2', hostNameConfig(names, user)),
    ...(user === 'root' ? [] : [part('text/x-shellscript', dockerGroupScript(user))]),
    // text/plain: cloud-init finds out by the first line what it is.
    ...(ofConfig === undefined ? [] : [part('text/plain', ofConfig)]),
  ]
  const text = [
    'MIME-Version: 1.0',
    `Content-Type: multipart/mixed; boundary="${BOUNDARY}"`,
    '',
    ...parts,
    `--${BOUNDARY}--`,
    '',
  ].join('\n')
  const bytes = Buffer.byteLength(text)
  if (bytes <= MAX_BYTES) return Buffer.from(text).toString('base64')
  throw usageError(
    'user-data-too-long',
    `the user data has ${bytes} bytes, of which EC2 takes ${MAX_BYTES}`,
    {
      hint: 'shorten ec2.user_data, for instance by having it fetch a script',
    },
  )
}

function part(type: string, content: string): string {
  return [`--${BOUNDARY}`, `Content-Type: ${type}; charset="utf-8"`, '', content].join('\n')
}

/** https://cloudinit.readthedocs.io/en/latest/explanation/instancedata.html */
function hostNameConfig(names: readonly string[], user: string): string {
  return [
    '## template: jinja',
    '#cloud-config',
    `{% set names = ${JSON.stringify(names)} %}`,
    'hostname: {{ names[ds.meta_data.ami_launch_index | int] }}',
    'prefer_fqdn_over_hostname: false',
    'manage_etc_hosts: localhost',
    ...(user === 'root' ? ['disable_root: false'] : []),
  ].join('\n')
}

/** The group may come with an engine that is installed later. */
function dockerGroupScript(user: string): string {
  return `#!/bin/sh\ngroupadd --system --force docker && usermod --append --groups docker '${user}'`
}
