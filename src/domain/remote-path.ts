/** A file on hosts, as typed: `node[1:4]:/etc/hosts`. */
export interface RemotePath {
  /** As in every command. */
  readonly nodes: string
  /** Absolute, or relative to the login user's home. */
  readonly path: string
}

/**
 * The part before the colon may itself contain colons, in ranges and in a label with a value, but not if a path follows
 * the label's colon (`label=ssd:/tmp`).
 */
const REMOTE = /^((?:\[[^\]]*\]|label=[^:=,&\s]+[:=](?!\/)[^:,&\s]+|[^:[\]/])+):(.+)$/s

/**
 * Parses `NODES:PATH`.
 * @returns undefined for a local path: one without a colon, or with a slash before the colon
 */
export function parseRemotePath(text: string): RemotePath | undefined {
  const [, nodes, path] = REMOTE.exec(text) ?? []
  if (nodes === undefined || path === undefined) return undefined
  return { nodes, path: path.replace(/^~\//, '') }
}
