import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { TestCluster } from '../../support/cluster.ts'

const ANSWERED = { group: { managers: 1, reachable: 1 } }

const NOTING = `#!/bin/sh
echo "$*" >>/root/asked
exec /usr/bin/docker-itself "$@"
`

/** How the engine of mg0, the only manager, is asked. Leaves the host as it was. */
export function describeEngineSocket(lend: () => TestCluster): void {
  let cluster: TestCluster

  const onHost = (line: string) => cluster.succeed(['exec', 'mg0', '--shell', line])
  /** What Docker's client was started for on the host. */
  const asked = () => onHost('cat /root/asked')
  const status = async () => JSON.parse(await cluster.succeed(['swarm', 'status', '--json']))

  beforeAll(async () => {
    cluster = lend()
    await onHost(
      `mv /usr/bin/docker /usr/bin/docker-itself && printf '%s' '${NOTING}' >/usr/bin/docker && chmod +x /usr/bin/docker`,
    )
  })
  beforeEach(() => onHost(': >/root/asked'))
  afterAll(async () => {
    await onHost('mv /usr/bin/docker-itself /usr/bin/docker; rm -f /etc/ssh/sshd_config.d/engine.conf')
    await onHost('pkill -HUP -o sshd')
  })

  it('is asked on its socket, without Docker’s client', async () => {
    expect(await status()).toMatchObject(ANSWERED)
    expect(await asked()).toBe('')
  })

  it('is asked by Docker’s client where that has a context', async () => {
    await onHost(`mkdir -p .docker && echo '{"currentContext":"default"}' >.docker/config.json`)
    expect(await status()).toMatchObject(ANSWERED)
    expect(await asked()).toContain('system dial-stdio\n')
    await onHost('rm .docker/config.json')
  })

  it('is asked by Docker’s client where its environment names an engine', async () => {
    await onHost(`echo 'SetEnv DOCKER_HOST=unix:///run/docker.sock' >/etc/ssh/sshd_config.d/engine.conf`)
    await onHost('pkill -HUP -o sshd')
    expect(await status()).toMatchObject(ANSWERED)
    expect(await asked()).toContain('system dial-stdio\n')
  })

  it('is asked by Docker’s client where sshd leads to no socket', async () => {
    await onHost(`echo 'AllowStreamLocalForwarding no' >/etc/ssh/sshd_config.d/engine.conf`)
    await onHost('pkill -HUP -o sshd')
    expect(await status()).toMatchObject(ANSWERED)
    expect(await asked()).toContain('system dial-stdio\n')
  })
}
