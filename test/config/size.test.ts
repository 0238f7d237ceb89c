import * as fc from 'fast-check'
import { test } from 'tap'
import { formatSize, parseSize } from '../../src/config/size.js'

void test('a size is a whole number with its unit', async t => {
  const sizes: Readonly<Record<string, number>> = {
    '64MiB': 67_108_864,
    '1KiB': 1024,
    '4GiB': 4_294_967_296,
    '1kB': 1000,
    '2MB': 2_000_000,
    '3GB': 3_000_000_000,
    '0B': 0,
    '5B': 5,
  }
  for (const [text, bytes] of Object.entries(sizes)) t.equal(parseSize(text), bytes, text)
  for (const text of [
    '',
    '64',
    'MiB',
    '1.5MiB',
    '-1MiB',
    '64 MiB',
    '64mib',
    '1KB',
    '1TiB',
    '1MiBs',
  ])
    t.equal(parseSize(text), undefined, text)
})

void test('a size is written as short as it is read back', async t => {
  t.equal(formatSize(67_108_864), '64MiB')
  t.equal(formatSize(1_000_000), '1MB')
  t.equal(formatSize(1025), '1025B')
  fc.assert(fc.property(fc.nat(2 ** 32), bytes => parseSize(formatSize(bytes)) === bytes))
})
