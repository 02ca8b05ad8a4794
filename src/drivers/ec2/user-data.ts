import { usageError } from '../../errors.ts'
import { configPart, multipart, scriptPart } from '../cloud-init.ts'

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html, before it is encoded. */
const MAX_BYTES = 16_384

/** What the machines of one create run at their first start, besides what Belt needs. */
export interface FirstStart {
  /** Of the config. */
  readonly userData?: string | undefined
  /** Of the create. */
  readonly script?: string | undefined
}

/**
 * What cloud-init does at the first start, for all instances of one request alike: each takes the host name at its
 * launch index, and lets the user that SSH logs in as use the Docker Engine; then what the config and the create say.
 * @returns base64, as EC2 wants it
 * @throws a usage error when it is too long
 */
export function userData(names: readonly string[], user: string, { userData, script }: FirstStart): string {
  const text = multipart([
    { type: 'text/jinja2', content: hostNameConfig(names, user) },
    ...(user === 'root' ? [] : [scriptPart(dockerGroupScript(user))]),
    ...(userData === undefined ? [] : [configPart(userData)]),
    ...(script === undefined ? [] : [scriptPart(script)]),
  ])
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
