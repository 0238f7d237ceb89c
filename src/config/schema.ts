import { z } from 'zod'
import { findingsOf, kindOf, type IssueParams } from './issues.js'
import type { Path, Rule } from './problem.js'

/** What a leaf of the file means, or what is wrong with it. */
export type Leaf<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly rule: Rule; readonly message: string }

type Shape = Readonly<Record<string, z.ZodType>>

export const good = <T>(value: T): Leaf<T> => ({ ok: true, value })
export const bad = (rule: Rule, message: string): Leaf<never> => ({ ok: false, rule, message })

const raise = (
  context: z.RefinementCtx,
  input: unknown,
  message: string,
  params: IssueParams,
  path: Path = [],
) => {
  context.issues.push({ code: 'custom', input, message, params: { ...params }, path: [...path] })
  return z.NEVER
}

/** A schema made of one function from the raw value; a missing key is its `required` problem. */
export const leaf = <T>(what: string, read: (value: unknown) => Leaf<T>) =>
  z.transform((value: unknown, context): T => {
    const result =
      value === undefined ? bad('required', `is missing; expected ${what}`) : read(value)
    return result.ok ? result.value : raise(context, value, result.message, { rule: result.rule })
  })

/** A leaf that has to be text. Numbers are not taken for text: 012 would lose its zero. */
export const text = <T>(what: string, read: (value: string) => Leaf<T>) =>
  leaf(what, (value): Leaf<T> => {
    if (typeof value === 'string') return read(value)
    const hint = typeof value === 'number' || typeof value === 'boolean' ? '; put it in quotes' : ''
    return bad('type', `expected ${what}, found ${kindOf(value)}${hint}`)
  })

/** A mapping with these keys and no others; keys of later versions are told apart from slips. */
export const section = <S extends Shape>(
  shape: S,
  later: readonly string[] = [],
): z.ZodType<z.output<z.ZodObject<S, z.core.$strict>>> => {
  const params: IssueParams = { rule: 'unknown-key', known: Object.keys(shape), later }
  // Not strictObject: its one issue for all unknown keys names neither their lines nor likenesses.
  const unknownKey = z.transform((value: unknown, context) => raise(context, value, '', params))
  return z.object(shape).catchall(unknownKey)
}

/** A schema that depends on the value: what zod's unions do, with the chosen one's own problems. */
export const choose = <T>(pick: (value: unknown) => z.ZodType<T>) =>
  z.transform((value: unknown, context): T => {
    const result = pick(value).safeParse(value, { reportInput: true })
    if (result.success) return result.data
    for (const { message, rule, path } of findingsOf(result.error))
      raise(context, value, message, { rule }, path)
    return z.NEVER
  })

/** A section with all its lines commented out is `null` to YAML; it is as good as absent. */
export const maybeEmpty = <S extends z.ZodType>(schema: S) =>
  z.preprocess(value => value ?? undefined, schema)

export const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A part of the file by itself; undefined if it is wrong, its default if it is missing. */
export const valid = <T>(schema: z.ZodType<T>, value: unknown): T | undefined =>
  schema.safeParse(value).data
