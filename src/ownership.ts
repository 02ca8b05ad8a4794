/** What a file's status says about who may change it. */
export interface FileOwner {
  readonly uid: number
  readonly gid: number
  readonly mode: number
}

/**
 * Whether this process may do what a file of that user says: of the user who runs it, of root, and under sudo of the user
 * who called it. Always true on systems without Unix users.
 */
export function isTrustedUser(uid: number): boolean {
  const self = process.geteuid?.()
  if (self === undefined || uid === 0 || uid === self) return true
  return self === 0 && String(uid) === process.env.SUDO_UID
}

/**
 * Whether others than its owner can change a file or folder. A group counts unless it is the owner's own: systems that
 * give each user a group, and so let files be writable by it, give it the number of the user.
 */
export function isChangeableByOthers({ uid, gid, mode }: FileOwner): boolean {
  if (process.geteuid === undefined) return false
  return (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid !== uid)
}

/** Whether this user or root made a symbolic link, so that a write may follow it. */
export function isOwnLink({ uid }: Pick<FileOwner, 'uid'>): boolean {
  const self = process.geteuid?.()
  return self === undefined || uid === 0 || uid === self
}
