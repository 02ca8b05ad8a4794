import type { Config } from '../../config/load.ts'
import type { Progress } from '../../progress.ts'
import { type Run, RunRecorder } from './run-recorder.ts'

/** The recorder of a run on a cluster. It masks all secrets in the config and in the environment. */
export function openRecorder(config: Config, run: Run, by: string, progress: Progress): RunRecorder {
  const { cluster, driver, options, source } = config
  const secrets = [
    ...driver.secrets.map(key => options[key]),
    ...(driver.secretVariables ?? []).map(name => process.env[name]),
  ].filter(value => typeof value === 'string')
  const recorder = new RunRecorder({ cluster, run, by, secrets, warn: message => progress.note(message) })
  const variables = [...source.variables].map(([path, variable]) => `, ${path} from ${variable}`).join('')
  process.on('uncaughtExceptionMonitor', error => recorder.failed(error))
  process.on('exit', code => recorder.ended(code))
  recorder.log(`cluster ${cluster.name}, driver ${driver.name}, config ${cluster.configPath}${variables}`)
  return recorder
}
