import { usageError } from '../../errors.ts'
import { configPart, multipart, scriptPart } from '../cloud-init.ts'

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html, before encoding. */
const MAX_BYTES = 16_384

/** What machines run at their first boot, in addition to Belt's own setup. */
export interface FirstStart {
  /** From the config. */
  readonly userData: string | undefined
  /** From the create. */
  readonly script?: string | undefined
}

/**
 * The user data shared by all instances of one request. Each instance sets the host name at its launch index, and gives the
 * login user access to the Docker Engine. Then follow the config's user data and the create's script.
 * @returns base64, as EC2 expects it
 * @throws a usage error if it is too long
 */
export function instanceUserData(
  names: readonly string[],
  user: string,
  { userData, script }: FirstStart,
): string {
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
    `the user data is ${bytes} bytes long, but EC2 accepts at most ${MAX_BYTES}`,
    {
      hint: 'shorten ec2.user_data, for example by downloading a script',
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

/** Creates the group, because the engine may be installed later. */
function dockerGroupScript(user: string): string {
  return `#!/bin/sh\ngroupadd --system --force docker && usermod --append --groups docker '${user}'`
}
