import { dockerClient, type ProcessCommand } from './command.ts'

/** Commands of docker that change nothing: by their first word, or by their first two. */
const READING: ReadonlySet<string> = new Set(
  [
    'ps images info version logs inspect top stats port events history diff',
    'container/ls container/ps container/list container/inspect container/logs container/top container/stats',
    'container/port container/diff image/ls image/list image/inspect image/history',
    'network/ls network/list network/inspect volume/ls volume/list volume/inspect',
    'node/ls node/list node/ps node/inspect service/ls service/list service/ps service/inspect service/logs',
    'stack/ls stack/list stack/ps stack/services config/ls config/list config/inspect',
    'secret/ls secret/list secret/inspect system/df system/info system/events plugin/ls plugin/inspect',
  ].flatMap(line => line.split(' ')),
)

/** Docker with the words of a user. It is noted in the journal unless it is known to change nothing. */
export function dockerCommand(words: readonly string[]): ProcessCommand {
  return { ...dockerClient(...words), journaled: !onlyReads(words) }
}

/** Whether docker, called with these words, is known to change nothing; one that is not known may change something. */
function onlyReads(words: readonly string[]): boolean {
  const [first = '', second = ''] = words
  return READING.has(first) || READING.has(`${first}/${second}`)
}
