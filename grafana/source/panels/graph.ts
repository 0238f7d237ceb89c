import {
  GraphDrawStyle,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  HideSeriesConfigBuilder,
  LegendDisplayMode,
  LegendPlacement,
  LineInterpolation,
  ScaleDistribution,
  ScaleDistributionConfigBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries'
import type { Link } from '../links.js'
import { type Placeable, type Spec, described, override } from '../panel.js'
import { type Color, type Steps, byThresholds, fixed, shades, thresholds } from '../style.js'

/** The same on all graphs, so that what is below each other is at the same time. */
const AXIS_WIDTH = 90
/** A millisecond: what is nearer to zero is drawn on a linear scale. */
const LINEAR_BELOW = 0.001
/**
 * Points nearer to each other than what a growth is taken over would show one event in several bars. At 2 min
 * the two differ by one scrape of eight.
 */
const BAR_INTERVAL = '2m'

export interface GraphSpec extends Spec {
  /** Bars of what happened from point to point, on top of each other. */
  readonly bars?: true
  /** Milliseconds and hours in one picture, with both signs. */
  readonly symlog?: true
  /** Coloured by the last value, and the limits drawn. */
  readonly limits?: Steps
  readonly color?: Color
  /** By a part of the series' name. */
  readonly colors?: { readonly [pattern: string]: Color }
  /** The refIds of a lower and an upper bound, and the first one's legend: a band without lines of its own. */
  readonly band?: { readonly lower: string; readonly upper: string; readonly to: string }
  /** The refIds of bounds that are drawn as thin lines. */
  readonly bounds?: readonly string[]
  readonly link?: Link
  /** One such graph for each value of this variable. */
  readonly repeat?: string
}

/** Values over time. */
export const graph = (spec: GraphSpec): Placeable => {
  const panel = described(new PanelBuilder(), spec)
    .colorScheme(spec.limits ? byThresholds() : shades(spec.color ?? 'blue'))
    .lineWidth(spec.limits ? 2 : 1)
    .lineInterpolation(LineInterpolation.StepAfter)
    .showPoints(VisibilityMode.Never)
    .fillOpacity(0)
    .axisWidth(AXIS_WIDTH)
    .legend(legend())
    .tooltip(
      new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending),
    )
  if (spec.bars) stacked(panel)
  if (spec.symlog) signed(panel, spec.min === undefined)
  if (spec.limits) limited(panel, spec.limits)
  for (const [pattern, color] of Object.entries(spec.colors ?? {})) {
    override(panel, pattern, { id: 'color', value: fixed(color).build() })
  }
  bounded(panel, spec)
  if (spec.link) override(panel, '.*', { id: 'links', value: [spec.link] })
  if (spec.repeat !== undefined) panel.repeat(spec.repeat).repeatDirection('h').maxPerRow(2)
  return { size: spec.size, panel }
}

const legend = (): VizLegendOptionsBuilder =>
  new VizLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
    .calcs(['lastNotNull'])

const stacked = (panel: PanelBuilder): void =>
  void panel
    .interval(BAR_INTERVAL)
    .drawStyle(GraphDrawStyle.Bars)
    .fillOpacity(80)
    .min(0)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'))

const signed = (panel: PanelBuilder, bothSigns: boolean): void =>
  void panel
    .scaleDistribution(
      new ScaleDistributionConfigBuilder()
        .type(ScaleDistribution.Symlog)
        .log(10)
        .linearThreshold(LINEAR_BELOW),
    )
    .axisCenteredZero(bothSigns)

const limited = (panel: PanelBuilder, limits: Steps): void =>
  void panel
    .thresholds(thresholds(limits))
    .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed))

const bounded = (panel: PanelBuilder, { band, bounds = [] }: GraphSpec): void => {
  const unseen = new HideSeriesConfigBuilder().legend(true).tooltip(false).viz(false).build()
  for (const refId of bounds) {
    panel.overrideByQuery(refId, [
      { id: 'custom.lineWidth', value: 1 },
      { id: 'custom.lineStyle', value: { fill: 'dash', dash: [2, 4] } },
      { id: 'custom.hideFrom', value: unseen },
    ])
  }
  if (!band) return
  const colour = { id: 'color', value: fixed('blue').build() }
  const thin = { id: 'custom.lineWidth', value: 0 }
  panel.overrideByQuery(band.lower, [colour, thin])
  panel.overrideByQuery(band.upper, [
    colour,
    thin,
    { id: 'custom.fillBelowTo', value: band.to },
    { id: 'custom.fillOpacity', value: 25 },
  ])
}
