/** A second Belt, for tests: remembers keys for NAME0, NAME1 … in a known_hosts file. Arguments: file, name, count. */
import { KnownHosts } from '../../src/hosts/known-hosts/known-hosts.ts'

const [path, name, count] = process.argv.slice(2) as [string, string, string]
const knownHosts = new KnownHosts(path)
for (let index = 0; index < Number(count); index++)
  await knownHosts.remember(`${name}${index}`, {
    type: 'ssh-ed25519',
    key: Buffer.from(name).toString('base64'),
  })
