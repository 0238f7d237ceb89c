import { createReadStream } from 'node:fs'
import { parseConfig, type ParsedConfig } from './config.js'
import { MAX_BYTES } from './document.js'
import type { Problem } from './problem.js'
import { parseWebConfig, type ParsedWebConfig } from './web.js'

const READ_TIMEOUT_MS = 10_000

type ReadText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problems: readonly Problem[] }

const unreadable = (message: string): ReadText => ({
  ok: false,
  problems: [{ line: 0, column: 0, path: '', rule: 'file', message }],
})

/** One byte more than is accepted is read at most, whatever the path turns out to be. */
const readBytes = async (path: string): Promise<Buffer> => {
  const signal = AbortSignal.timeout(READ_TIMEOUT_MS)
  return Buffer.concat(await createReadStream(path, { end: MAX_BYTES, signal }).toArray())
}

const readText = async (path: string): Promise<ReadText> => {
  let bytes: Buffer
  try {
    bytes = await readBytes(path)
  } catch (error) {
    return unreadable(`cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (bytes.length > MAX_BYTES) return unreadable(`is larger than ${MAX_BYTES} bytes`)
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch {
    return unreadable('is not UTF-8 text; save it as UTF-8')
  }
}

/** The file's Config. A file that is missing or cannot be read is a problem, not an exception. */
export const loadConfig = async (path: string): Promise<ParsedConfig> => {
  const read = await readText(path)
  return read.ok ? parseConfig(read.text) : read
}

/** The same for the web configuration file; its relative paths start at its directory. */
export const loadWebConfig = async (path: string): Promise<ParsedWebConfig> => {
  const read = await readText(path)
  return read.ok ? parseWebConfig(read.text, path) : read
}
