import {
  FieldColorBuilder,
  FieldColorModeId,
  MappingType,
  SpecialValueMatch,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard'

/** Red is for failure alone, so that it is seen. Series that only differ are shades of blue. */
export type Color = 'green' | 'orange' | 'red' | 'blue' | 'purple' | 'text' | 'transparent'

/** Colours by value: `base` below the first step, each colour from its value on. */
export interface Steps {
  readonly base: Color
  readonly steps?: readonly (readonly [from: number, color: Color])[]
}

export const thresholds = ({ base, steps = [] }: Steps): ThresholdsConfigBuilder =>
  new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps([
      { value: null, color: base },
      ...steps.map(([value, color]) => ({ value, color: color as string })),
    ])

export const byThresholds = (): FieldColorBuilder =>
  new FieldColorBuilder().mode(FieldColorModeId.Thresholds)
export const fixed = (color: Color): FieldColorBuilder =>
  new FieldColorBuilder().mode(FieldColorModeId.Fixed).fixedColor(color)
export const shades = (color: Color): FieldColorBuilder =>
  new FieldColorBuilder().mode(FieldColorModeId.Shades).fixedColor(color)

/** Numbers that stand for words. */
export type Words = { readonly [value: string]: readonly [text: string, color: Color] }

export const words = (table: Words): ValueMapping[] => [
  {
    type: MappingType.ValueToText,
    options: Object.fromEntries(
      Object.entries(table).map(([value, [text, color]], index) => [value, { text, color, index }]),
    ),
  },
]

/**
 * What to read where there is no value. Without it Grafana gives nothing the colour of the lowest step, and
 * silence would be green or red.
 */
export const nothing = (text: string): ValueMapping => ({
  type: MappingType.SpecialValue,
  options: { match: SpecialValueMatch.NullAndNan, result: { text, color: 'text', index: 99 } },
})

export const YES_NO: Words = { 1: ['yes', 'green'], 0: ['no', 'orange'] }
