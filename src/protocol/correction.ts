import type { Seconds } from '../time/units.js'
import type { CorrectionLimits } from './time-service.js'

/**
 * Whether a time service with these limits will correct a clock that is off by `offset` ± `error` (positive =
 * ahead). Undefined while the interval lies on both sides of a limit.
 */
export const isCorrectable = (
  { ahead, back }: CorrectionLimits,
  { offset, error }: { readonly offset: Seconds; readonly error: Seconds },
): boolean | undefined => {
  const [least, most] = [offset - error, offset + error]
  if (least > back || -most > ahead) return false
  return most <= back && -least <= ahead ? true : undefined
}
