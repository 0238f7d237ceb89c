export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
export type LogFields = { readonly [key: string]: string | number | boolean | undefined }

/** Where a part says what happened. Messages are constant; what varies goes into the fields. */
export type Log = (level: LogLevel, message: string, fields?: LogFields) => void
