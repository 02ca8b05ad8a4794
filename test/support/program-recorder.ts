import type { TestCluster } from './cluster.ts'

const RECORD = '/var/log/programs'

const RECORDER = `#!/bin/sh
printf '%s %s\\n' "\${0##*/}" "$*" >>${RECORD}
exec "/usr/bin/\${0##*/}" "$@"`

/**
 * The script that makes a machine record every program it starts, with its arguments: those that are looked up on
 * PATH, and the shell that sshd starts for root.
 */
export const RECORD_PROGRAMS = `#!/bin/sh
cat >/usr/local/bin/recorder <<'END'
${RECORDER}
END
chmod +x /usr/local/bin/recorder
for program in /usr/bin/*; do ln -s recorder "/usr/local/bin/\${program##*/}"; done
: >${RECORD}
chmod a+w ${RECORD}
sed -i 's#^\\(root:.*:\\).*#\\1/usr/local/bin/bash#' /etc/passwd
`

/** Every program that these nodes have started since `RECORD_PROGRAMS` ran there, a line each. */
export async function recordedPrograms(cluster: TestCluster, nodes: string): Promise<string> {
  return await cluster.succeed(['exec', nodes, '--', 'cat', RECORD])
}
