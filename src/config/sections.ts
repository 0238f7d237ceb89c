import { z } from 'zod'
import { milliseconds, seconds } from '../time/units.js'
import { parseAllowEntry } from './allow.js'
import { endpointAt, type Endpoint } from './endpoint.js'
import { address, duration, fileName, label } from './leaves.js'
import { moduleOptions, timeout, type ProberKind } from './modules.js'
import { quote } from './problem.js'
import { bad, choose, good, isMapping, maybeEmpty, section, text, type Leaf } from './schema.js'
import { sourceSchema } from './sources.js'

const MAX_REFERENCE_SERVERS = 16
const MAX_ALLOW = 1000
const MAX_SOURCES = 100
/** The most ways that one server is read in. */
export const MAX_MODULES = 32
const NTP_PORT = 123
/** What a pool is read with that names no modules. */
export const DEFAULT_MODULE: ProberKind = 'ntp'
const interval = duration(milliseconds(100), seconds(86_400))

const referenceEndpoint = address.transform((written): Endpoint => endpointAt(written, NTP_PORT))
const referenceMapping = section({ address: referenceEndpoint }, ['nts']).transform(
  server => server.address,
)
/** `host`, `host:port`, or a mapping with more to say of it. */
export const referenceServer = choose<Endpoint>(value =>
  isMapping(value) ? referenceMapping : referenceEndpoint,
)

/** `reference:`, the servers that true time is taken from. */
export const referenceShape = {
  servers: z
    .array(referenceServer)
    .min(1, { error: 'at least one reference server is needed' })
    .max(MAX_REFERENCE_SERVERS, { error: `at most ${MAX_REFERENCE_SERVERS} reference servers` }),
  interval: interval.prefault('16s'),
  timeout: timeout.prefault('1s'),
  max_error: timeout.prefault('1s'),
}

const MODULE_NAME = /^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$/

/** What a module may be called. */
export const moduleName = text('a module name', (value): Leaf<string> =>
  MODULE_NAME.test(value)
    ? good(value)
    : bad('name', `${quote(value)}: a module name is a letter or _, then letters, digits, _ and -`),
)
const moduleNames = z
  .array(moduleName)
  .min(1, { error: 'at least one module is needed; leave the key out for the default' })
  .max(MAX_MODULES, { error: `at most ${MAX_MODULES} modules` })

/** One server of a pool. `modules` replaces the pool's list. */
export const serverShape = {
  name: label,
  address,
  modules: moduleNames.optional(),
}

/** One pool. */
export const poolShape = {
  name: label,
  interval: interval.prefault('15s'),
  modules: moduleNames.prefault([DEFAULT_MODULE]),
  servers: z
    .array(section(serverShape))
    .min(1, { error: 'a pool without servers would watch nothing' }),
}

const allowEntry = text('an address, a network or a host name', (value): Leaf<string> => {
  const parsed = parseAllowEntry(value)
  return parsed.ok ? good(value) : bad('address', `${quote(value)}: ${parsed.detail}`)
})
const allow = z.array(allowEntry).max(MAX_ALLOW, { error: `at most ${MAX_ALLOW} entries` })

/** `calls:`, where calls are learnt of. */
const callsShape = {
  state_directory: fileName,
  settle_after: duration(seconds(1), seconds(86_400)).prefault('10s'),
  open_limit: duration(seconds(1), seconds(86_400)).prefault('10m'),
  sources: z
    .array(sourceSchema)
    .min(1, { error: 'at least one source is needed; leave calls out for none' })
    .max(MAX_SOURCES, { error: `at most ${MAX_SOURCES} sources` }),
}

/** `host:`, what this machine is called, and how often its time service is asked. */
const hostShape = {
  pool: label,
  name: label,
  interval: duration(seconds(1), seconds(86_400)).prefault('15s'),
}

/** The whole of edgeclock.yml, each part judged by itself. */
export const fileSchema = section({
  reference: section(referenceShape),
  modules: maybeEmpty(z.record(z.string(), moduleOptions).prefault({})),
  pools: maybeEmpty(z.array(section(poolShape)).prefault([])),
  host: maybeEmpty(section(hostShape).optional()),
  calls: maybeEmpty(section(callsShape).optional()),
  probe: maybeEmpty(section({ allow: maybeEmpty(allow.prefault([])) }).prefault({})),
})

/** What the file says, defaults filled in, module names not yet looked up. */
export type ConfigFile = z.output<typeof fileSchema>
