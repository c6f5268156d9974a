import { stat } from "node:fs/promises";

import { hashFile, type Blobs } from "./blobs.ts";
import { datasetName, inputsName, keptDatasetName, keptInputsName, sealedKeyName } from "./names.ts";
import type { TaskFiles, TaskTerms } from "../../enclave/protocol.ts";

/** A file as it was sent, and the name under which a task keeps it. */
interface Source {
  readonly name: string;
  readonly kept: string;
  /** Whether the chain has its hash, so that it is taken in no other form. */
  readonly isNamedByHash: boolean;
}

/** The files of a task: those that are here now, and those that it keeps from its check before acceptance to its end. */
export class KeptFiles {
  readonly #blobs: Blobs;

  constructor(blobs: Blobs) {
    this.#blobs = blobs;
  }

  /** Whether a task keeps its inputs, which are kept last. */
  async has({ taskId, inputHash }: TaskTerms): Promise<boolean> {
    return (await this.#blobs.find(keptInputsName(Number(taskId), inputHash))) !== undefined;
  }

  /**
   * Names the files of a task that are here: what was found of the same ones before still holds. Those whose hash the chain has cannot be
   * others; of the keys, which are small, the contents count.
   */
  async fingerprint(terms: TaskTerms, enclaveKey: string): Promise<string> {
    const marks = await Promise.all(
      sourcesOf(terms, enclaveKey).map(async ({ name, isNamedByHash }) => {
        const file = await this.#blobs.find(name);
        if (file === undefined) return "none";
        return isNamedByHash ? "here" : hashFile(file);
      }),
    );
    return marks.join(" ");
  }

  /** Keeps the task's files as they are now; whether its inputs are here. The enclave says what else is missing. */
  async keep(terms: TaskTerms, enclaveKey: string): Promise<boolean> {
    let isHere = false;
    for (const { name, kept } of sourcesOf(terms, enclaveKey)) {
      await this.#blobs.remove(kept);
      isHere = (await this.#blobs.find(name)) !== undefined;
      if (isHere) await this.#blobs.keepAs(name, kept);
    }
    return isHere;
  }

  /** Bytes of the task's files as they were kept. */
  async sizeOf(terms: TaskTerms): Promise<number> {
    const { inputs, datasets } = await this.files(terms);
    const files = [inputs, ...datasets.flatMap(({ file, sealedKey }) => [file, sealedKey])];
    const found = await Promise.allSettled(files.map(async (file) => stat(file)));
    return found.reduce((sum, each) => sum + (each.status === "fulfilled" ? each.value.size : 0), 0);
  }

  /** The task's files as they were kept. */
  async files({ taskId, inputHash, datasets }: TaskTerms): Promise<TaskFiles> {
    const task = Number(taskId);
    const found: TaskFiles["datasets"] = [];
    for (const { datasetId } of datasets) {
      const file = await this.#blobs.find(keptDatasetName(task, inputHash, datasetId, "file"));
      const sealedKey = await this.#blobs.find(keptDatasetName(task, inputHash, datasetId, "key"));
      if (file !== undefined && sealedKey !== undefined) found.push({ datasetId, file, sealedKey });
    }
    return { inputs: this.#blobs.pathOf(keptInputsName(task, inputHash)), datasets: found };
  }
}

/** The task's files, its inputs last. */
function sourcesOf({ taskId, inputHash, datasets }: TaskTerms, enclaveKey: string): Source[] {
  const task = Number(taskId);
  const ofDatasets = datasets.flatMap(({ datasetId, contentHash }) => {
    const keptAs = (part: "file" | "key"): string => keptDatasetName(task, inputHash, datasetId, part);
    return [
      { name: datasetName(contentHash), kept: keptAs("file"), isNamedByHash: true },
      { name: sealedKeyName(Number(datasetId), enclaveKey), kept: keptAs("key"), isNamedByHash: false },
    ];
  });
  const inputs = { name: inputsName(task, inputHash), kept: keptInputsName(task, inputHash), isNamedByHash: true };
  return [...ofDatasets, inputs];
}
