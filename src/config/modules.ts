import assert from 'node:assert/strict'
import { z } from 'zod'
import { milliseconds, seconds, type DurationNs } from '../time/units.js'
import { duration, port } from './leaves.js'
import { quote } from './problem.js'
import { bad, choose, isMapping, section, text, type Leaf } from './schema.js'
import { didYouMean } from './suggest.js'

/** Each way to read a clock. */
export type ProberKind = 'ntp'

/** One option of a prober: its schema with the default in it, and its line in the manual. */
export interface Option<T> {
  readonly schema: z.ZodType<T>
  readonly doc: string
}

type Options = Readonly<Record<string, Option<unknown>>> & {
  readonly port: Option<number>
  readonly timeout: Option<DurationNs>
}

/** `byDefault` is written as it would be in the file. */
const option = <T>(schema: z.ZodType<T>, byDefault: number | string, doc: string): Option<T> => ({
  schema: schema.prefault(byDefault),
  doc: `${doc} (default ${byDefault})`,
})

/** Least and most that any timeout can be. */
export const timeout = duration(milliseconds(1), seconds(86_400))

/**
 * Every prober's options. A new prober is a member of ProberKind and an entry here; its module type,
 * schema and built-in module follow. An option's key is the same in the file and in the Module.
 */
export const proberOptions = {
  ntp: {
    port: option(port, 123, 'UDP port that the server answers NTP on'),
    timeout: option(timeout, '1s', 'how long an answer may take'),
  },
} as const satisfies { readonly [K in ProberKind]: Options }

type ValuesOf<O> = { readonly [N in keyof O]: O[N] extends Option<infer T> ? T : never }

/** A module as declared or built in: its prober and every option, defaults filled in. */
export type Module<K extends ProberKind = ProberKind> = {
  [P in K]: { readonly name: string; readonly kind: P } & ValuesOf<(typeof proberOptions)[P]>
}[K]

const isProberKind = (value: unknown): value is ProberKind =>
  typeof value === 'string' && Object.hasOwn(proberOptions, value)

export const PROBER_KINDS: readonly ProberKind[] = Object.keys(proberOptions).filter(isProberKind)

type Unnamed = Omit<Module, 'name'>

/** No declared type follows a table's entry that is picked at run time; the tests hold this. */
const isUnnamed = (value: object): value is Unnamed =>
  'kind' in value && isProberKind(value.kind) && 'port' in value && 'timeout' in value

const schemaOf = (kind: ProberKind): z.ZodType<Unnamed> => {
  const options = Object.entries<Option<unknown>>(proberOptions[kind])
  const shape = Object.fromEntries(options.map(([key, { schema }]) => [key, schema] as const))
  return section({ prober: z.literal(kind), ...shape }).transform(({ prober, ...values }) => {
    const unnamed = { kind: prober, ...values }
    assert(isUnnamed(unnamed))
    return unnamed
  })
}

const schemas: { readonly [kind: string]: z.ZodType<Unnamed> } = Object.fromEntries(
  PROBER_KINDS.map(kind => [kind, schemaOf(kind)]),
)

const noProber = z.looseObject({
  prober: text(`one of ${PROBER_KINDS.join(', ')}`, (value): Leaf<never> => {
    const there = `there are: ${PROBER_KINDS.join(', ')}${didYouMean(value, PROBER_KINDS)}`
    const message = `prober ${quote(value)} is not supported by this version; ${there}`
    return bad('unsupported', message)
  }),
})

/** A module's options under its name in the file, told apart by `prober`. */
export const moduleOptions: z.ZodType<Unnamed> = choose(value => {
  const prober = isMapping(value) ? value['prober'] : undefined
  return (isProberKind(prober) ? schemas[prober] : undefined) ?? noProber.transform(() => z.NEVER)
})

export const namedModule = (name: string, options: Unnamed): Module => ({
  name,
  ...options,
})

/** The modules that are there without being declared: each prober under its own name. */
export const builtInModules = (): readonly Module[] =>
  PROBER_KINDS.map(kind => namedModule(kind, schemaOf(kind).parse({ prober: kind })))
