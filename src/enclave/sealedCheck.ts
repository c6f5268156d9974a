import type { OutputPolicy } from "../data/conditions.ts";
import type { PrivateKey } from "../data/keys.ts";
import { weightsOf } from "./computing.ts";
import type { JudgedUse, SeenOfChain } from "./conditions.ts";
import { problemOf } from "./errors.ts";
import { openTaskInputs, requireKeyOf, requireTaken } from "./opening.ts";
import { warningOf } from "./program.ts";
import type { CheckAnswer, Request } from "./protocol.ts";

type CheckRequest = Extract<Request, { request: "check" }>;

/**
 * Whether a task's inputs and the keys of its datasets are in hand, for a task of which nothing shows that it was accepted: the inputs are
 * opened; of datasets nothing is, but that rows are counted where an owner demands more than every program does.
 */
export function checkSealed(key: PrivateKey, request: CheckRequest, seen: SeenOfChain): CheckAnswer {
  const { task, files } = request;
  const { use, problem: inputs } = judgedInputs(key, request, seen);
  let output: OutputPolicy | undefined;
  const datasets = task.datasets.flatMap((dataset) => {
    try {
      const letOut = requireKeyOf(key, task, files, { dataset, use: use && { ...use, output } });
      output ??= letOut;
      return [];
    } catch (error) {
      return [{ datasetId: dataset.datasetId, ...problemOf(error) }];
    }
  });
  const ready = inputs === undefined && datasets.length === 0;
  return { ready, ...(inputs === undefined ? {} : { inputs }), datasets };
}

/** What the owners' conditions are about, or what is wrong with the inputs. */
function judgedInputs(
  key: PrivateKey,
  { task, files, programs }: CheckRequest,
  seen: SeenOfChain,
): { readonly use?: JudgedUse; readonly problem?: CheckAnswer["inputs"] } {
  try {
    const opened = openTaskInputs(key, task, files, seen);
    if (!opened.usable) return { problem: warningOf(opened.reason) };
    requireTaken(opened, programs);
    weightsOf(opened, files);
    return { use: opened.use };
  } catch (error) {
    return { problem: problemOf(error) };
  }
}
