import type { SyntaxNode } from '@lezer/common'
import { parser } from '@prometheus-io/lezer-promql'

export interface Selector {
  /** Undefined where the name is matched by an expression. */
  readonly metric: string | undefined
  readonly namePattern: string | undefined
  readonly labels: readonly string[]
  /** `[…]` of it, and what it is in directly; undefined where it is an instant one. */
  readonly range: string | undefined
  readonly functionName: string | undefined
  /** Of how long ago it is asked. */
  readonly offset: string | undefined
  readonly text: string
}

export interface Parsed {
  readonly ok: boolean
  readonly selectors: readonly Selector[]
  /** Labels of by, without, on, ignoring, group_left and group_right. */
  readonly grouping: readonly string[]
}

const all = (top: SyntaxNode, name: string): SyntaxNode[] => {
  const found: SyntaxNode[] = []
  top.cursor().iterate(node => {
    if (node.name === name) found.push(node.node)
    return true
  })
  return found
}

const above = (node: SyntaxNode, name: string): SyntaxNode | undefined => {
  const { parent } = node
  return parent?.name === name ? parent : undefined
}

const selectorOf = (node: SyntaxNode, text: (node: SyntaxNode | null) => string): Selector => {
  const matchers = all(node, 'UnquotedLabelMatcher').map(matcher => ({
    label: text(matcher.getChild('LabelName')),
    value: text(matcher.getChild('StringLiteral')).slice(1, -1),
  }))
  const matrix = above(node, 'MatrixSelector')
  const offset = above(matrix ?? node, 'OffsetExpr')
  const call = (offset ?? matrix ?? node).parent?.parent
  const named = node.getChild('Identifier')
  return {
    metric: named ? text(named) : undefined,
    namePattern: matchers.find(({ label }) => label === '__name__')?.value,
    labels: matchers.map(({ label }) => label).filter(label => label !== '__name__'),
    range: matrix && text(matrix.getChild('DurationExpr')),
    functionName:
      call?.name === 'FunctionCall' ? text(call.getChild('FunctionIdentifier')) : undefined,
    offset: offset && text(offset.getChild('OffsetDurationExpr')),
    text: text(matrix ?? node),
  }
}

/** By Prometheus' own grammar. Not `ok` where there is anything that it does not know. */
export const parsePromql = (expr: string): Parsed => {
  const { topNode } = parser.parse(expr)
  const text = (node: SyntaxNode | null): string => (node ? expr.slice(node.from, node.to) : '')
  let ok = expr.trim() !== ''
  topNode.cursor().iterate(({ type }) => {
    if (type.isError) ok = false
  })
  return {
    ok,
    selectors: all(topNode, 'VectorSelector').map(node => selectorOf(node, text)),
    grouping: all(topNode, 'GroupingLabels').flatMap(node => all(node, 'LabelName').map(text)),
  }
}
