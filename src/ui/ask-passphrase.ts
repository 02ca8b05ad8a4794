/** Asks for the passphrase of a key file on the terminal; what is typed is not shown. */
export async function askPassphrase(path: string): Promise<string> {
  const { default: password } = await import('@inquirer/password')
  return password({ message: `Passphrase of ${path}:` }, { output: process.stderr })
}
