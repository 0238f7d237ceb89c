import * as fc from 'fast-check'
import { test } from 'tap'
import { daysSince1970 } from '../../src/protocol/calendar.js'
import { holds } from '../time/holds.js'

/** The days as Date has them, whose years below 100 would else be of the 20th century. */
const daysByDate = (year: number, month: number, day: number): number | undefined => {
  const date = new Date(Date.UTC(2000, 0, 1))
  date.setUTCFullYear(year, month - 1, day)
  const isThere = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  return isThere && month > 0 ? date.getTime() / 86_400_000 : undefined
}

void test('days agree with the Gregorian calendar, also those that it does not have', async t => {
  const part = fc.integer({ min: -1, max: 40 })
  const year = fc.oneof(fc.integer({ min: 0, max: 9999 }), fc.integer({ min: 1970, max: 2200 }))
  const agrees = (...date: [number, number, number]) =>
    Object.is(daysSince1970(...date), daysByDate(...date))
  holds(t, fc.property(year, part, part, agrees), { numRuns: 2000 })
  const [month, day] = [fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 31 })]
  holds(t, fc.property(year, month, day, agrees), { numRuns: 5000 })
})

void test('each day of 400 years follows the one before', async t => {
  let wrong = 0
  for (let days = daysByDate(1850, 1, 1) ?? 0; days < (daysByDate(2250, 1, 1) ?? 0); days++) {
    const date = new Date(days * 86_400_000)
    const parts = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()] as const
    if (daysSince1970(...parts) !== days) wrong++
  }
  t.equal(wrong, 0)
})

void test('the ends of the calendar, and what is no number of a date', async t => {
  t.equal(daysSince1970(1970, 1, 1), 0)
  t.equal(daysSince1970(1969, 12, 31), -1)
  t.equal(daysSince1970(0, 3, 1), -719_468)
  const table: readonly (readonly [number, number, number])[] = [
    [-1, 1, 1],
    [2000, 0, 1],
    [2000, 13, 1],
    [2000, 1, 0],
    [2100, 2, 29],
    [2000.5, 1, 1],
    [2000, 1.5, 1],
    [2000, 1, 1.5],
    [NaN, 1, 1],
    [2000, NaN, 1],
    [2000, 1, NaN],
    [Infinity, 1, 1],
  ]
  for (const date of table) t.equal(daysSince1970(...date), undefined, date.join('-'))
})
