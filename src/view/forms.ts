import { z } from "zod";

import { forms } from "../forms.ts";

/** The most validators that a set has, as ValidatorSet allows. */
export const MAX_VALIDATORS = 32;

/** The most signatures of one view: those of a set and of the one before it. */
const MAX_SIGNATURES = 2 * MAX_VALIDATORS;
/** The most views on the way to the one that is to be believed. */
export const MAX_VIEWS = 64;
/** The most nodes of one contract's proofs, and bytes of each: a node has seventeen hashes, or a path and a short value. */
const [MAX_NODES, MAX_NODE] = [1_024, 640] as const;
/** The most bytes of a header: some six hundred, and what later rules add. */
const MAX_HEADER = 2_048;

const short = (bytes: number) => z.string().max(2 + 2 * bytes);

/** The most datasets of a task, as TaskEscrow allows. */
const MAX_DATASETS = 16;

/** A height of the chain. */
export const heightForm = forms.uint.refine((value) => value < 1n << 64n, "more than 64 bits");

const nodes = z.array(short(MAX_NODE).pipe(forms.digits)).max(MAX_NODES);

/** Proofs of one contract: each node once, that of the root first. */
export const contractProofForm = z.strictObject({
  /** Of the state, down to the contract's account. */
  account: nodes,
  /** Of the contract's storage, down to every slot that is looked at. */
  storage: nodes,
});
export type ContractProof = z.infer<typeof contractProofForm>;

/** A validator's signature on a view. */
export const viewSignatureForm = z.strictObject({
  /** The validator's account. */
  validator: forms.address,
  signature: short(65).pipe(forms.seatSignature).pipe(forms.digits),
});
export type ViewSignature = z.infer<typeof viewSignatureForm>;

/** What validators sign of a block. */
export const blockForm = z.strictObject({ number: heightForm, blockHash: forms.hash });
export type ViewedBlock = z.infer<typeof blockForm>;

/** A block that validators have signed, and, where the set of validators has changed by then, the new one. */
export const signedViewForm = blockForm.extend({
  /** The block's header in RLP. */
  header: short(MAX_HEADER).pipe(forms.digits),
  signatures: z.array(viewSignatureForm).max(MAX_SIGNATURES),
  /** Proofs of ValidatorSet at the block: from then on its validators count. */
  validators: contractProofForm.optional(),
});
export type SignedView = z.infer<typeof signedViewForm>;

/** Views in the order in which they are to be believed; the last one is what everything else is read at. */
export const viewsForm = z.array(signedViewForm).max(MAX_VIEWS);

const amount = forms.uint.refine((value) => value < 1n << 128n, "more than 128 bits");

/** A validator as programs without a node know it. */
export const knownValidatorForm = z.strictObject({
  account: forms.address,
  /** The address of the key that it signs with. */
  key: forms.address,
  stake: amount.refine((value) => value > 0n, "no stake"),
});
export type KnownValidator = z.infer<typeof knownValidatorForm>;

/** The validators that count, in any order. */
export const validatorsForm = z
  .array(knownValidatorForm)
  .min(1)
  .max(MAX_VALIDATORS)
  .refine((all) => new Set(all.map(({ account }) => account)).size === all.length, "a validator twice");

/** What a program believes from the beginning: a chain, contracts on it, and who was validator at a height. */
export const trustForm = z.strictObject({
  kind: z.literal("chain-trust"),
  chainId: forms.uint,
  contracts: z.strictObject({
    viewJudge: forms.address,
    validatorSet: forms.address,
    taskEscrow: forms.address,
    nodeRegistry: forms.address,
  }),
  height: heightForm,
  validators: validatorsForm,
});
export type Trust = z.infer<typeof trustForm>;

const uint = (bits: bigint) => forms.uint.refine((value) => value < 1n << bits, `more than ${bits.toString()} bits`);

/** What requester and node agreed on, as the chain has it: what the hash of the deal is made of. */
export const dealForm = z.strictObject({
  requester: forms.address,
  nodeId: uint(64n),
  nodeFee: uint(96n),
  validatorFee: uint(96n),
  stakeLock: uint(96n),
  acceptBy: uint(40n),
  leastDuration: uint(24n),
  resultBy: uint(40n),
  demand: uint(8n),
});
export type Deal = z.infer<typeof dealForm>;

/** What shows a program that a task was accepted, on which terms, and that it is the node's. */
export const taskEvidenceForm = z.strictObject({
  kind: z.literal("task-evidence"),
  chainId: forms.uint,
  /** None where the newest block that is believed is the one of the proofs. */
  views: viewsForm,
  deal: dealForm,
  /** Of TaskEscrow, for the task. */
  task: contractProofForm,
  /** Of NodeRegistry, for the node. */
  node: contractProofForm,
  /** Of DataGrants, for the grants of the task's datasets to the node, and for the ends of their eras. */
  grants: contractProofForm,
  /** In which era of each of these grants the task was published. */
  eras: z.array(uint(32n)).max(MAX_DATASETS),
});
export type TaskEvidence = z.infer<typeof taskEvidenceForm>;
