/** A word of a command as a shell takes it, so that a file's name with blanks in it stays one. */
export function word(text: string): string {
  return /^[\w@%+=:,./~-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
