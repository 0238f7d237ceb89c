/**
 * What came of the bytes that are there so far: the whole reply, or that it never will be one; undefined
 * while more of it has to come. `detail` is for people.
 */
export type Whole<T> =
  | { readonly ok: true; readonly reply: T }
  | { readonly ok: false; readonly detail: string }
  | undefined
