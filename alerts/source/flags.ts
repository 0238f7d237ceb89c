import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type BundleUrls, defaultUrls } from './urls.js'

/** What both generators of `npm run bundle` are told; each gets all of it. */
export interface BundleFlags extends BundleUrls {
  /** The folder to write into, as if it were the project. */
  readonly output: string
}

export const PROJECT = join(import.meta.dirname, '..', '..')

const read = (args: readonly string[]) =>
  parseArgs({
    args: [...args],
    options: {
      'grafana-url': { type: 'string', default: defaultUrls.grafana },
      'runbook-url': { type: 'string', default: defaultUrls.runbooks },
      output: { type: 'string', default: PROJECT },
    },
  }).values

const urlOf = (flag: string, text: string): string => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new Error(`--${flag}=${text}: not a URL that begins with http:// or https://`)
  return text.replace(/\/+$/, '')
}

/** Its error is one line, for people. */
export const parseFlags = (args: readonly string[]): BundleFlags => {
  const flags = read(args)
  return {
    grafana: urlOf('grafana-url', flags['grafana-url']),
    runbooks: urlOf('runbook-url', flags['runbook-url']),
    output: flags.output,
  }
}

/** Of this process. Ends it with 2 where a flag is wrong, before anything is written. */
export const bundleFlags = (): BundleFlags => {
  try {
    return parseFlags(process.argv.slice(2))
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(2)
  }
}
