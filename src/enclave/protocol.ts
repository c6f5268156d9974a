import { z } from "zod";

import { datasetsForm } from "../data/documents.ts";
import { DATA_FAULTS } from "../data/errors.ts";
import { publicKeyForm } from "../data/keys.ts";
import { forms } from "../forms.ts";
import { ENCLAVE_FAULTS } from "./errors.ts";

/*
 * One JSON document a line, on stdin and stdout. A request is `{ "id", "request", ... }`; its answer is `{ "id", "answer" }` or
 * `{ "id", "error" }`. Requests are answered one after the other. Whole numbers of chains are decimal strings.
 */

/** The most bytes of a line. */
export const MAX_LINE = 2 ** 20;

const path = z.string().min(1).max(4096);

/** A task as it is on chain. */
export const taskTerms = z.strictObject({
  chainId: forms.uint,
  /** TaskEscrow's address. */
  escrow: forms.address,
  /** DataGrants' address. */
  grants: forms.address,
  taskId: forms.uint,
  nodeId: forms.uint,
  inputHash: forms.hash,
  datasets: datasetsForm,
});
export type TaskTerms = z.infer<typeof taskTerms>;

/** Where a task's files are. They are anybody's: the program trusts none before it has checked it. */
export const taskFiles = z.strictObject({
  /** The sealed inputs. */
  inputs: path,
  /** Of each dataset, in any order: the encrypted file, and the sealed data key. */
  datasets: z.array(z.strictObject({ datasetId: forms.uint, file: path, sealedKey: path })),
});
export type TaskFiles = z.infer<typeof taskFiles>;

const registration = z.strictObject({
  chainId: forms.uint,
  registry: forms.address,
  provider: forms.address,
  nonce: forms.uint,
  blockNumber: forms.uint,
  blockHash: forms.hash,
});

/** What a quote for whoever asks names, but for the enclave key, which is the program's own. */
const freshQuoteTerms = z.strictObject({
  chainId: forms.uint,
  /** NodeRegistry's address. */
  registry: forms.address,
  nodeId: forms.uint,
  nonce: forms.hash,
  blockNumber: forms.uint,
  blockHash: forms.hash,
});

/** What a value of a secret was sealed for, but for the enclave key, which is the program's own. */
const secretUse = z.strictObject({
  chainId: forms.uint,
  /** OrderEscrow's address. */
  orderEscrow: forms.address,
  nodeId: forms.uint,
  orderId: forms.uint,
  terms: forms.hash,
  name: z.string().min(1).max(253),
  key: z.string().min(1).max(253),
  version: z.int().min(1),
});

const id = z.int().min(0);

/** What can be asked. */
export const requestForm = z.discriminatedUnion("request", [
  z.strictObject({ id, request: z.literal("identify") }),
  /** The report data is computed by the program, over its own key. */
  z.strictObject({ id, request: z.literal("quote"), registration }),
  /** For whoever wants to see that the enclave is there now. Its report data is in a domain of its own: it never attests a node. */
  z.strictObject({ id, request: z.literal("freshQuote"), terms: freshQuoteTerms }),
  z.strictObject({ id, request: z.literal("check"), task: taskTerms, files: taskFiles }),
  /**
   * The value is answered in the clear, to whoever runs the program: it is for the container engine, which starts applications outside of this
   * process. A host that is not to see the values needs a program that hands them to an attested application instead.
   */
  z.strictObject({ id, request: z.literal("openSecret"), use: secretUse, sealed: forms.bytes }),
  /** `out`: where the sealed result goes. */
  z.strictObject({ id, request: z.literal("run"), task: taskTerms, files: taskFiles, out: path }),
]);
export type Request = z.infer<typeof requestForm>;

/**
 * Why the enclave gives a task up: always what its requester sealed, or the size of the datasets that he named in there by their
 * hashes; never what runs it nor what stands in the datasets.
 */
export const ABORT_REASONS = {
  NOT_OPENED: "The inputs are not sealed to this enclave's key.",
  OTHER_CONTEXT: "The inputs were sealed for another purpose, chain or escrow.",
  UNREADABLE: "The inputs do not have their form.",
  NO_DATASETS: "The inputs name no dataset.",
  RESULT_KEY: "The key that the inputs name for the result is not one that can be sealed to.",
  PARAMETERS: "The parameters are not ones that the program takes.",
  TOO_MUCH_WORK: "The datasets are too large, or too large for so many epochs.",
} as const;
export type AbortReason = keyof typeof ABORT_REASONS;

const identityForm = z.strictObject({
  /** The address of the enclave key. */
  enclaveKey: forms.address,
  /** What data keys and inputs are sealed to. */
  publicKey: publicKeyForm,
  /** What is simulated. */
  simulated: z.string(),
});
export type Identity = z.infer<typeof identityForm>;

const quoteForm = z.strictObject({ enclaveKey: forms.address, reportData: forms.hash, quote: forms.bytes });
export type QuoteAnswer = z.infer<typeof quoteForm>;

const freshQuoteForm = z.strictObject({ enclaveKey: forms.address, quote: forms.bytes });
export type FreshQuoteAnswer = z.infer<typeof freshQuoteForm>;

const problem = z.strictObject({ code: z.string(), problem: z.string(), remedy: z.string() });

const checkForm = z.strictObject({
  /** Whether everything is in hand: the node can accept. */
  ready: z.boolean(),
  /** What is wrong with the inputs. */
  inputs: problem.optional(),
  /** What is wrong with datasets or their keys. */
  datasets: z.array(problem.extend({ datasetId: forms.uint })),
});
export type CheckAnswer = z.infer<typeof checkForm>;

const runForm = z.discriminatedUnion("outcome", [
  z.strictObject({ outcome: z.literal("result"), resultHash: forms.hash, signature: forms.bytes }),
  z.strictObject({
    outcome: z.literal("abort"),
    reason: z.enum(Object.keys(ABORT_REASONS) as AbortReason[]),
    explanation: z.string(),
    signature: forms.bytes,
  }),
]);
export type RunAnswer = z.infer<typeof runForm>;

const secretForm = z.strictObject({ value: forms.bytes });

/** What is answered, by request. */
export const answerForms = {
  identify: identityForm,
  quote: quoteForm,
  freshQuote: freshQuoteForm,
  check: checkForm,
  run: runForm,
  openSecret: secretForm,
} as const;

/** What stands around an answer. `id` is null where the request's could not be read. */
export const replyForm = z.union([
  z.strictObject({ id, answer: z.unknown() }),
  z.strictObject({
    id: id.nullable(),
    error: problem.extend({ code: z.enum([...ENCLAVE_FAULTS, ...DATA_FAULTS]) }),
  }),
]);
export type Reply = z.infer<typeof replyForm>;
