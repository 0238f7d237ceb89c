const LIST_LIMIT = 200

/** The names as one text, in their order, each once; those that would make it longer than 200 characters are left out. */
export const nameList = (names: readonly string[]): string => {
  let list = ''
  for (const name of new Set(names)) {
    const longer = list === '' ? name : `${list} ${name}`
    if (longer.length <= LIST_LIMIT) list = longer
  }
  return list
}
