/** package → for each of its dependencies, the packages that would meet it */
export type DependencyGraph = Map<string, string[][]>

export const parseDepends: (text: string) => DependencyGraph

export const closure: (graph: DependencyGraph, wanted: string[], installed: Set<string>) => string[]
