/** Why calls fail; the label `cause`. The first is the nearest to a root: of several, it is told. */
export const causes = [
  'clock_skew',
  'identity',
  'certificate',
  'authentication',
  'authorization',
  'dns',
  'network',
  'pstn',
  'federation',
  'routing',
  'um_routing',
  'other',
] as const

export type Cause = (typeof causes)[number]
