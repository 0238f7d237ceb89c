/** The code of a system call's error, such as `ENOENT`; empty for any other value. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

/** What went wrong, for people. */
export const detailOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)
