import { z } from "zod";

import { datasetsForm } from "../data/documents.ts";
import { DATA_FAULTS } from "../data/errors.ts";
import { publicKeyForm } from "../data/keys.ts";
import { sealedDataKeyDocument } from "../documents/tasks.ts";
import { forms } from "../forms.ts";
import { MAX_QUOTE_SIZE } from "../sgx/quote.ts";
import { VIEW_FAULTS } from "../view/errors.ts";
import { taskEvidenceForm, trustForm, viewsForm } from "../view/forms.ts";
import { migrationEvidenceForm } from "../view/migration.ts";
import { beliefForm } from "../view/signedViews.ts";
import { ENCLAVE_FAULTS } from "./errors.ts";

/*
 * One JSON document a line, on stdin and stdout or over a Unix socket. A request is `{ "id", "request", ... }`; its answer is
 * `{ "id", "answer" }` or `{ "id", "error" }`. `believe`, `check`, `run` and `migrate` are answered one after the other, and so are all others, which
 * need not wait for those: the id says what is answered. Whole numbers of chains are decimal strings.
 */

/** The most bytes of a line. */
export const MAX_LINE = 2 ** 20;

/** The most programs that a check can be told of. */
export const MAX_TAKEN_PROGRAMS = 1_024;

const id = z.int().min(0);
const uint256 = forms.uint.refine((value) => value < 1n << 256n, "more than 256 bits");
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
  /** Of the rest of the task's terms: what the program signs holds for no other deal. */
  dealHash: forms.hash,
  inputHash: forms.hash,
  datasets: datasetsForm,
});
export type TaskTerms = z.infer<typeof taskTerms>;

/** Where a task's files are. They are anybody's: the program trusts none before it has checked it. */
export const taskFiles = z.strictObject({
  /** The sealed inputs. */
  inputs: path,
  /** The sealed weights, where the inputs name some. */
  weights: path.optional(),
  /** Of each dataset, in any order: the encrypted file, and the sealed data key. */
  datasets: z.array(z.strictObject({ datasetId: forms.uint, file: path, sealedKey: path })),
});
export type TaskFiles = z.infer<typeof taskFiles>;

const registration = z.strictObject({
  chainId: uint256,
  registry: forms.address,
  provider: forms.address,
  nonce: uint256,
  blockNumber: uint256,
  blockHash: forms.hash,
});

/** What a quote for whoever asks names, but for the enclave key, which is the program's own. */
const freshQuoteTerms = z.strictObject({
  chainId: uint256,
  /** NodeRegistry's address. */
  registry: forms.address,
  nodeId: uint256,
  nonce: forms.hash,
  blockNumber: uint256,
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

/** What a data key was sealed for, but for the enclave key, which is the program's own. */
const dataKeyUse = z.strictObject({
  chainId: uint256,
  /** DataGrants' address. */
  grants: forms.address,
  datasetId: uint256,
  /** The dataset's owner. */
  owner: forms.address,
  contentHash: forms.hash,
  nodeId: uint256,
});

/** The most characters of the collateral that a quote is judged by: ten times what Intel's has. */
const MAX_COLLATERAL = 2 ** 19;

/** The enclave that a data key is to be migrated to. All of it may come from anybody: it counts by signatures alone. */
const successorForm = z.strictObject({
  /** The node that it is the enclave of. */
  nodeId: uint256,
  /** What the key is to be sealed to. */
  publicKey: publicKeyForm,
  /** Of its fresh quote, which names the newest block that the program believes. */
  nonce: forms.hash,
  quote: z
    .string()
    .max(2 + 2 * MAX_QUOTE_SIZE)
    .pipe(forms.digits),
  /** Intel's documents to judge the quote by, as `serializeCollateral` writes them. */
  collateral: z.string().max(MAX_COLLATERAL),
});
export type Successor = z.infer<typeof successorForm>;

const migrateRequest = z.strictObject({
  id,
  request: z.literal("migrate"),
  dataset: dataKeyUse,
  /** The encrypted dataset, and the data key that is sealed to this program. */
  files: z.strictObject({ file: path, sealedKey: path }),
  successor: successorForm,
  evidence: migrationEvidenceForm,
});
export type MigrateRequest = z.infer<typeof migrateRequest>;

/** What is signed of a challenge's answer, but for the enclave key, which is the program's own. */
const answerTerms = z.strictObject({
  chainId: uint256,
  challengeManager: forms.address,
  nodeId: uint256,
  epoch: uint256,
  /** The challenge's. */
  seed: forms.hash,
  /** Packed, eight bytes each, sorted by hash. */
  nonces: forms.bytes,
});
export type AnswerRequest = z.infer<typeof answerTerms>;

/** What can be asked. */
export const requestForm = z.discriminatedUnion("request", [
  z.strictObject({ id, request: z.literal("identify") }),
  z.strictObject({ id, request: z.literal("status") }),
  /** The program checks that the nonces are an answer under its own key, and computes what is signed. */
  z.strictObject({ id, request: z.literal("signAnswer"), answer: answerTerms }),
  /** The report data is computed by the program, over its own key. */
  z.strictObject({ id, request: z.literal("quote"), registration }),
  /** For whoever wants to see that the enclave is there now. Its report data is in a domain of its own: it never attests a node. */
  z.strictObject({ id, request: z.literal("freshQuote"), terms: freshQuoteTerms }),
  /** Leads a program that believes the chain alone to a newer block, or only asks what it believes, with no views. */
  z.strictObject({ id, request: z.literal("believe"), views: viewsForm }),
  /**
   * `grantNonces`: those of the datasets' grants to the node, in the task's order, as whoever runs the program reads them on the chain; one that
   * believes the chain alone finds no key for a later grant in hand. `programs`: the hashes of those that he takes tasks of; any where they are
   * left out.
   */
  z.strictObject({
    ...{ id, request: z.literal("check"), task: taskTerms, files: taskFiles },
    grantNonces: z.array(uint256).optional(),
    programs: z.array(forms.hash).max(MAX_TAKEN_PROGRAMS).optional(),
  }),
  /**
   * The value is answered in the clear, to whoever runs the program: it is for the container engine, which starts applications outside of this
   * process. A host that is not to see the values needs a program that hands them to an attested application instead.
   */
  z.strictObject({ id, request: z.literal("openSecret"), use: secretUse, sealed: forms.bytes }),
  /** `out`: where the sealed result goes. `evidence`: what shows that the task was accepted, where the program believes the chain alone. */
  z.strictObject({
    ...{ id, request: z.literal("run"), task: taskTerms, files: taskFiles, out: path },
    evidence: taskEvidenceForm.optional(),
  }),
  /** Only a program that believes the chain alone migrates keys: nothing else tells it when it is. */
  migrateRequest,
]);
export type Request = z.infer<typeof requestForm>;

/**
 * Why the enclave gives a task up: always what its requester sealed, or the datasets that he named in there by their hashes: their size, and
 * whether they are tables, where that was not said before the acceptance. Never what runs it.
 */
export const ABORT_REASONS = {
  NOT_OPENED: "The inputs are not sealed to this enclave's key.",
  OTHER_CONTEXT: "The inputs were sealed for another purpose, chain or escrow.",
  UNREADABLE: "The inputs do not have their form.",
  NO_DATASETS: "The inputs name no dataset.",
  RESULT_KEY: "The key that the inputs name for the result is not one that can be sealed to.",
  PROGRAM: "The program is neither one that the enclave has, nor given with its bytes, or not one that it can run.",
  PARAMETERS: "The parameters are not ones that the program takes.",
  TOO_MUCH_WORK:
    "The datasets are too large, or too large for what was asked of the program, or its result could be too long to be sealed.",
  NO_TABLES: "The datasets are not tables that the program can use together.",
  PROGRAM_FAILED: "The program ended before it had said how long its result is.",
} as const;
export type AbortReason = keyof typeof ABORT_REASONS;

const identityForm = z.strictObject({
  /** The address of the enclave key. */
  enclaveKey: forms.address,
  /** What data keys and inputs are sealed to. */
  publicKey: publicKeyForm,
  /** What is simulated; empty where nothing is. */
  simulated: z.string(),
});
export type Identity = z.infer<typeof identityForm>;

const statusForm = z.strictObject({
  enclaveKey: forms.address,
  /** The program's own. */
  version: z.string(),
  /** Whole seconds since it was started. */
  uptime: z.int().min(0),
  /** How many tasks it has to check or run, of all clients. */
  tasks: z.int().min(0),
  /** The registration that it has last quoted since it was started. Whether the chain took the quote, it does not know. */
  quoted: registration.nullable(),
});
export type StatusAnswer = z.infer<typeof statusForm>;

const signedForm = z.strictObject({ enclaveKey: forms.address, signature: forms.bytes });
export type SignedAnswer = z.infer<typeof signedForm>;

const quoteForm = z.strictObject({ enclaveKey: forms.address, reportData: forms.hash, quote: forms.bytes });
export type QuoteAnswer = z.infer<typeof quoteForm>;

const freshQuoteForm = z.strictObject({ enclaveKey: forms.address, quote: forms.bytes });
export type FreshQuoteAnswer = z.infer<typeof freshQuoteForm>;

const problem = z.strictObject({ code: z.string(), problem: z.string(), remedy: z.string() });

/** Both are null where the program believes whoever runs it. */
const believeForm = z.strictObject({ trust: trustForm.nullable(), belief: beliefForm.nullable() });
export type BelieveAnswer = z.infer<typeof believeForm>;

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

const migratedForm = z.strictObject({
  /** Sealed to the successor, on the conditions that its owner has sealed beside it. */
  sealedKey: sealedDataKeyDocument,
});
export type MigrateAnswer = z.infer<typeof migratedForm>;

const secretForm = z.strictObject({ value: forms.bytes });

/** What is answered, by request. */
export const answerForms = {
  identify: identityForm,
  status: statusForm,
  signAnswer: signedForm,
  quote: quoteForm,
  freshQuote: freshQuoteForm,
  believe: believeForm,
  check: checkForm,
  run: runForm,
  openSecret: secretForm,
  migrate: migratedForm,
} as const;

const failure = problem.extend({ code: z.enum([...ENCLAVE_FAULTS, ...DATA_FAULTS, ...VIEW_FAULTS]) });
/** Why a request was not done. */
export type Failure = z.infer<typeof failure>;

/** What stands around an answer. `id` is null where the request's could not be read. */
export const replyForm = z.union([
  z.strictObject({ id, answer: z.unknown() }),
  z.strictObject({
    id: id.nullable(),
    error: failure,
  }),
]);
export type Reply = z.infer<typeof replyForm>;
