import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { link, open, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { TEMPORARY } from '../calls/own-files.js'
import { codeOf, detailOf } from '../calls/store/error.js'
import type { Config } from '../config/config.js'
import type { SourceConfig } from '../config/sources.js'
import type { Log } from '../net/log.js'

/** In the state directory: the token of the sources that name no file of theirs. */
const OWN_FILE = 'push.token'
const TOKEN_BYTES = 32
/** A token is its file's first line; no more of the file than this is looked at. */
const MAX_LINE = 4096

type PushSource = SourceConfig<'push'>
type Token = { readonly ok: true; readonly token: string } | Unknown
type Unknown = { readonly ok: false; readonly detail: string }

/** `unknown`: there is no token to compare with, so that nobody is let in. */
export type Checked = 'right' | 'wrong' | 'unknown'

/** Whether a push has its source's bearer token (RFC 6750). The files are read at each push. */
export class PushTokens {
  readonly #log: Log
  /** What was last told of a source's file, so that one fault is one line. */
  readonly #told = new Map<string, string>()

  constructor(log: Log) {
    this.#log = log
  }

  async check(
    source: PushSource,
    stateDirectory: string,
    authorization: string | undefined,
  ): Promise<Checked> {
    const read =
      source.tokenFile === undefined
        ? await ownToken(stateDirectory)
        : await readToken(source.tokenFile)
    this.#tell(source, read)
    if (!read.ok) return 'unknown'
    const [, given] = /^bearer +(\S+)$/i.exec(authorization ?? '') ?? []
    return given !== undefined && same(given, read.token) ? 'right' : 'wrong'
  }

  #tell({ name }: PushSource, read: Token): void {
    if (read.ok) return void this.#told.delete(name)
    if (this.#told.get(name) === read.detail) return
    this.#told.set(name, read.detail)
    this.#log('error', 'pushes are refused: their token cannot be read', {
      source: name,
      detail: read.detail,
    })
  }
}

/** At the start: makes our own token where one is needed, and says where it is. */
export const announceToken = async ({ calls }: Config, log: Log): Promise<void> => {
  const needed = calls?.sources.some(one => one.kind === 'push' && one.tokenFile === undefined)
  if (!calls || !needed) return
  const file = resolve(calls.stateDirectory, OWN_FILE)
  const token = await ownToken(calls.stateDirectory)
  if (token.ok) log('info', 'a push needs the bearer token that is in this file', { file })
  else log('error', 'pushes are refused: their token cannot be read', { detail: token.detail })
}

/** Of any two texts in the same time: their hashes are compared. */
const same = (a: string, b: string): boolean => timingSafeEqual(sha256(a), sha256(b))

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Made where there is none yet; one that is there is never overwritten, whatever is in it. */
const ownToken = async (stateDirectory: string): Promise<Token> => {
  const path = join(stateDirectory, OWN_FILE)
  const read = await readToken(path)
  if (read.ok || !('missing' in read)) return read
  const unfinished = join(stateDirectory, TEMPORARY, `token-${randomBytes(12).toString('hex')}`)
  try {
    const token = randomBytes(TOKEN_BYTES).toString('base64url')
    await writeFile(unfinished, `${token}\n`, { mode: 0o600, flag: 'wx', flush: true })
    await link(unfinished, path)
  } catch (error) {
    // Another one may have made it meanwhile.
    if (codeOf(error) !== 'EEXIST') return { ok: false, detail: detailOf(error) }
  } finally {
    await rm(unfinished, { force: true })
  }
  return readToken(path)
}

const readToken = async (path: string): Promise<Token | (Unknown & { missing: true })> => {
  try {
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_LINE), 0, MAX_LINE, 0)
      const token = firstLine(buffer.toString('utf8', 0, bytesRead))
      return token === ''
        ? { ok: false, detail: `${path}: its first line is empty` }
        : { ok: true, token }
    } finally {
      await file.close()
    }
  } catch (error) {
    const unknown = { ok: false, detail: detailOf(error) } as const
    return codeOf(error) === 'ENOENT' ? { ...unknown, missing: true } : unknown
  }
}

const firstLine = (text: string): string =>
  text
    .replace(/^\ufeff/, '')
    .split('\n')[0]
    ?.trim() ?? ''
