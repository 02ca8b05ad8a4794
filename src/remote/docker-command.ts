/** Docker commands that change nothing, by their first word or their first two. */
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

/** Whether a docker command is known to change nothing. An unknown command may change something. */
export function onlyReads(words: readonly string[]): boolean {
  const [first = '', second = ''] = words
  return READING.has(first) || READING.has(`${first}/${second}`)
}
