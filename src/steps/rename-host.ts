import { renameInHosts } from '../domain/hosts-file.ts'
import { BeltError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { readHostname } from '../queries/hostname.ts'
import { Change } from '../record.ts'
import { setHostnameCommand } from '../remote/hostname.ts'
import type { Step } from './step.ts'

/** Sets a host's name to the name of its machine, now and for later boots. Its engine keeps running. */
export function renameHost(host: Host, signal?: AbortSignal): Step {
  const { name } = host
  return {
    title: `Rename ${name}`,

    async changes() {
      const { live, configured } = await readHostname(host, signal)
      return [
        ...(live === name ? [] : [new Change(`${name} is called ${live} and becomes ${name}`, live, name)]),
        ...(configured === name ? [] : [afterRestart(name, configured || 'nothing')]),
      ]
    },

    async run() {
      const { live, hosts } = await readHostname(host, signal)
      await runChecked(host, setHostnameCommand(name, renameInHosts(hosts, live, name)), { signal })
      const [left] = await this.changes()
      if (left === undefined) return
      throw new BeltError('rename-incomplete', `the name did not change: ${left}`, {
        host: name,
        hint: `only root can rename a host: belt exec ${name} -- hostname ${name}`,
      })
    },
  }
}

function afterRestart(name: string, configured: string): Change {
  const sentence = `${name} is called ${configured} after a restart and becomes ${name}`
  return new Change(sentence, `${configured} after a restart`, `${name} after a restart`)
}
