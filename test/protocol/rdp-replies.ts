/** X.224 Connection Confirm with that as what is negotiated (MS-RDPBCGR 2.2.1.2); none where it is undefined. */
export const connectionConfirm = (
  value: number | undefined,
  { type = 2, code = 0xd0 }: { type?: number; code?: number } = {},
): Uint8Array => {
  const length = value === undefined ? 11 : 19
  const bytes = Buffer.alloc(length)
  bytes.set([3, 0, 0, length, length - 5, code])
  if (value === undefined) return new Uint8Array(bytes)
  bytes.set([type, 0, 8, 0], 11)
  bytes.writeUInt32LE(value, 15)
  return new Uint8Array(bytes)
}

const element = (tag: number, content: Uint8Array): Buffer => {
  const { length } = content
  const head = length < 0x80 ? [tag, length] : [tag, 0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from(head), content])
}

/** TSRequest as a server writes it (MS-CSSP 2.2.1). */
export const tsReply = ({
  token,
  errorCode,
}: {
  token?: Uint8Array
  errorCode?: number
}): Uint8Array => {
  const parts = [element(0xa0, element(2, Buffer.of(6)))]
  if (token) {
    const tokens = element(0x30, element(0x30, element(0xa0, element(4, token))))
    parts.push(element(0xa1, tokens))
  }
  if (errorCode !== undefined) {
    const number = Buffer.alloc(5)
    number.writeUInt32BE(errorCode, 1)
    parts.push(element(0xa4, element(2, number)))
  }
  return new Uint8Array(element(0x30, Buffer.concat(parts)))
}
