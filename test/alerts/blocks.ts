/** A block of the shipped configuration that waits to be used: lines `from` to before `to`. */
export type Block = {
  /** `global`, or the receiver's name. */
  of: string
  /** Its first key, as `email_configs`. */
  key: string
  from: number
  to: number
}

/** What is for reading begins with `# `; all other comments are configuration. */
const UNUSED = /^( *)#((?: {2,})?\S.*)$/
const OWNER = /^(?: *- name: )?(\w+):?$/

/** The block that begins with this line, if one does. */
const blockAt = (lines: readonly string[], from: number): Block | undefined => {
  const key = /^ *#(\w+):/.exec(lines[from] ?? '')?.[1]
  if (key === undefined) return undefined
  const length = lines.slice(from).findIndex(line => !/^ *#/.test(line))
  const before = lines.slice(0, from).toReversed()
  const owner = before.map(line => OWNER.exec(line)?.[1]).find(name => name !== undefined)
  return { of: owner ?? '', key, from, to: length === -1 ? lines.length : from + length }
}

export const blocksOf = (text: string): Block[] => {
  const lines = text.split('\n')
  const found: Block[] = []
  for (let at = 0; at < lines.length; at++) {
    const block = blockAt(lines, at)
    if (block === undefined) continue
    found.push(block)
    at = block.to
  }
  return found
}

/** The text with the `#` of these blocks' lines taken away. */
export const using = (text: string, blocks: readonly Block[]): string =>
  text
    .split('\n')
    .map((line, at) => {
      const isUsed = blocks.some(({ from, to }) => at >= from && at < to)
      return isUsed ? line.replace(UNUSED, '$1$2') : line
    })
    .join('\n')
