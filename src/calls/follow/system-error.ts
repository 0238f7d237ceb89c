/** An error of the operating system's: what a file does, and no bug of ours. */
export type SystemError = Error & { readonly code: string }

/** By its code; on Windows that may be UNKNOWN, so that a system call's name will do. */
export const isSystemError = (error: unknown): error is SystemError =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  (/^E[A-Z0-9]+$/.test(error.code) || 'syscall' in error)

/** ESTALE: removed on the file server that we have it from. */
const GONE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ESTALE'])

/** There is no such file any more. */
export const isGone = (error: SystemError): boolean => GONE.has(error.code)
