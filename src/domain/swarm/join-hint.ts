/** What to do about a join that an engine refused or gave up, by what the engine says. */
export function joinHint(host: string, addresses: readonly string[], reason: string): string {
  const says = (pattern: RegExp) => pattern.test(reason)
  const managers = addresses.join(' or ')
  if (says(/live-?restore/i))
    return `set "live-restore": false in /etc/docker/daemon.json there, and reload it: belt exec ${host} -- pkill -HUP dockerd`
  if (says(/join token/i)) return 'the token was replaced meanwhile: run the same belt swarm join again'
  if (says(/does not match fingerprint/i))
    return `the token is not of the swarm at ${managers}: check that this address belongs to the cluster`
  if (says(/expired or is not yet valid/i))
    return `compare the clocks, because certificates are valid by them: belt exec ${host} -- date -u`
  if (says(/not recognized as a system address/i))
    return `compare the addresses of the host with those of belt ls: belt exec ${host} -- ip -4 addr`
  if (says(UNREACHED))
    return `check that ${host} reaches ${managers}, and that managers reach a new manager on that port`
  return `check its engine: belt --host ${host} docker info`
}

const UNREACHED =
  /dialing|connection refused|no route to host|timed? ?out|deadline exceeded|unreachable|not be reached|could not connect/i
