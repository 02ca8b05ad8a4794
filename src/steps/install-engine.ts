import { engineInPackage, isEngineVersion } from '../domain/engine-version.ts'
import { BeltError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { runChecked } from '../hosts/run-checked.ts'
import { assertHasClient } from '../queries/docker-client.ts'
import { isEngineCurrent, readEngineVersion } from '../queries/engine-version.ts'
import { listedEnginePackage } from '../queries/find-engine-package.ts'
import { Change } from '../record.ts'
import { installEngineCommand } from '../remote/engine-package.ts'
import { restartEngineCommand } from '../remote/engine-service.ts'
import type { WaitOptions } from '../retry.ts'
import { awaitEngineVersion } from '../waits/await-engine.ts'
import type { Step } from './step.ts'

/** Disks may be slow, and the engine stops its containers first. */
const INSTALL_TIMEOUT_MS = 900_000
const RESTART_TIMEOUT_MS = 180_000

/** Installs a version of the engine that was downloaded, holds it, and waits until that version runs. */
export function installEngine(host: Host, wanted: string, options: WaitOptions = {}): Step {
  const { signal } = options
  const engine = engineInPackage(wanted)
  return {
    title: `Install engine ${wanted} on ${host.name}`,

    async changes() {
      if (await isEngineCurrent(host, wanted, signal)) return []
      const version = await readEngineVersion(host, signal).catch(() => 'unknown')
      const sentence = `${host.name}: engine ${version} becomes ${wanted}, held`
      return [new Change(sentence, `engine ${version}`, `engine ${wanted}`)]
    },

    async run() {
      const found = await listedEnginePackage(host, wanted, signal)
      await runChecked(host, installEngineCommand(found.package, found.version), {
        timeoutMs: INSTALL_TIMEOUT_MS,
        signal,
      })
      // before the engine is asked, which some hosts are with this command
      await assertHasClient(host, signal)
      if (isEngineVersion(await awaitEngineVersion(host, options).catch(() => ''), engine)) return
      await runChecked(host, restartEngineCommand, { timeoutMs: RESTART_TIMEOUT_MS, signal })
      const version = await awaitEngineVersion(host, options)
      if (isEngineVersion(version, engine)) return
      throw new BeltError('not-upgraded', `${host.name} runs engine ${version}, not ${engine}`, {
        host: host.name,
        hint: `belt exec ${host.name} -- dockerd --version shows what is installed`,
      })
    },
  }
}
