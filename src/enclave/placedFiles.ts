import type { TaskFiles } from "./protocol.ts";

/**
 * A task's files by the paths that another process understands.
 *
 * @param pathOf A path as that process understands it.
 */
export function placedFiles({ inputs, weights, datasets }: TaskFiles, pathOf: (path: string) => string): TaskFiles {
  return {
    inputs: pathOf(inputs),
    ...(weights === undefined ? {} : { weights: pathOf(weights) }),
    datasets: datasets.map(({ datasetId, file, sealedKey }) => ({
      ...{ datasetId, file: pathOf(file), sealedKey: pathOf(sealedKey) },
    })),
  };
}
