/** The paths under `root` that are there; `*` stands for any part of one name. */
export const glob: (root: string, pattern: string) => string[]

/** Whether this is a library, or a program that can be started. */
export const canRun: (path: string) => boolean
