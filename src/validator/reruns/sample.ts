/**
 * The sample enclave's work, done again over public datasets: reads a question on its standard input, and writes the content that the enclave must
 * have sealed. Program and parameters are those that the result itself names; the program must be one of the enclave's own.
 */
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";

import { z } from "zod";

import { rerunQuestion } from "./question.ts";
import { shippedPrograms } from "../../enclave/programs/catalogue.ts";
import { disclosedOf, isSameOutput } from "../../enclave/programs/output.ts";
import { parametersForm } from "../../enclave/programs/parameters.ts";
import { runProgram } from "../../enclave/programs/running.ts";
import { parseTable } from "../../enclave/table.ts";
import { forms } from "../../forms.ts";
import { toJson } from "../../json.ts";

/** What a result may say. One that says more is of another question than is asked here, such as one with weights, which its requester alone has. */
const said = z.strictObject({
  ...{ program: forms.hash, parameters: parametersForm, datasets: z.unknown() },
  ...{ values: z.unknown(), metrics: z.unknown().optional(), failed: z.unknown().optional() },
});

const { result, datasets } = rerunQuestion.parse(JSON.parse(await text(process.stdin)));
const { program, parameters } = said.parse(JSON.parse(readFileSync(result, "utf8")));
const found = shippedPrograms.find(({ hash }) => hash === program);
if (found === undefined) throw new Error("the result is not of one of the enclave's own programs");
const tables = datasets.map(({ file, datasetId }) => parseTable(readFileSync(file), `Dataset ${datasetId}`));
const [policy, ...policies] = datasets.map(({ output }) => output);
if (policy === undefined || !policies.every((each) => isSameOutput(policy, each)))
  throw new Error("an enclave gives no result over datasets whose owners do not all let out the same");
const outcome = runProgram(found.code, { tables, parameters, leastRows: policy.minRows }, "run");
if (outcome.ended === "given-up" || outcome.ended === "prepared") throw new Error("the program gives no result");
const named = datasets.map(({ datasetId, owner, contentHash }) => ({ datasetId, owner, contentHash }));
// Noise follows from secrets of the data keys' holders, and would hide nothing of what is public.
if (policy.epsilon !== null) throw new Error("a result with noise cannot be made again");
const told = disclosedOf(outcome, policy, new Uint8Array(32));
process.stdout.write(toJson({ program, parameters, datasets: named, ...told }, 0));
