import { createHash } from 'node:crypto'

/** What a state file holds, or why it holds nothing that can be used. */
export type DecodedState =
  { readonly ok: true; readonly state: unknown } | { readonly ok: false; readonly why: string }

const VERSION = 1
const MAX_HEADER = 128
const NEWLINE = 0x0a
const HEADER = /^edgeclock-state (\d{1,9}) (.*)$/

const digest = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex')

/** A header line with version and hash, then the JSON as it is. */
export const encodeState = (json: string): Buffer => {
  const content = Buffer.from(json)
  return Buffer.concat([
    Buffer.from(`edgeclock-state ${VERSION} sha256=${digest(content)}\n`),
    content,
  ])
}

const wrong = (why: string): DecodedState => ({ ok: false, why })

/** Takes any bytes; gives a state only where every byte is the one that was written. */
export const decodeState = (bytes: Buffer): DecodedState => {
  const end = bytes.subarray(0, MAX_HEADER).indexOf(NEWLINE)
  const header = end < 0 ? null : HEADER.exec(bytes.toString('latin1', 0, end))
  if (header === null) return wrong('it is not a state of edgeclock')
  const [, version, rest] = header
  if (Number(version) !== VERSION) return wrong(`it is of version ${version}, not ${VERSION}`)
  const content = bytes.subarray(end + 1)
  if (rest !== `sha256=${digest(content)}`)
    return wrong('its hash is wrong: it is damaged or was edited')
  try {
    const state: unknown = JSON.parse(content.toString('utf8'))
    return { ok: true, state }
  } catch {
    // The error would quote it, and why goes to the log.
    return wrong('it is not JSON')
  }
}
