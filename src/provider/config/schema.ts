import { isAddress } from "ethers";
import { z } from "zod";

import { proverConfig } from "./prover.ts";
import { chainConfig } from "../../chain/endpoints/config.ts";
import { feesConfig } from "../../chain/sending/config.ts";
import { enclaveFields, hasPlace, namesOnePlace, saysWhomToBelieve, WHOM_TO_BELIEVE } from "../../enclave/place.ts";
import { logConfig, statusConfig, webhookConfig } from "../../service/config/sections.ts";
import { secretPlace } from "../../service/config/secret.ts";
import { signerConfig } from "../../signers/config.ts";

/** Tokens, or coins of the chain, such as "12.5". */
const amount = z.string().regex(/^\d+(\.\d+)?$/, "not a decimal amount, such as 12.5");
const address = z.string().refine((text) => isAddress(text), "not an address");
const url = z.url({ protocol: /^https?$/ });

const enclave = z
  .strictObject(enclaveFields)
  .refine((fields) => hasPlace(fields) && namesOnePlace(fields), {
    error: "name one of `socket`, `program` and `keyFile`",
  })
  .refine(saysWhomToBelieve, { error: WHOM_TO_BELIEVE });

const node = z.strictObject({
  /** The node's id. */
  id: z.number().int().positive(),
  /** Its enclave process. */
  enclave: enclave.optional(),
  /** Folder of its quotes, which its gateway shows to users, too. */
  quotes: z.string().min(1).optional(),
  /** Folder of its tasks' sealed results, which are shown when somebody demands them: `tasks.results` of its gateway. */
  results: z.string().min(1).optional(),
  /** How its answers are searched: by a prover of its own, or by `shared`, the machine's; nothing is searched for it when left out. */
  prover: z.union([z.literal("shared"), proverConfig]).optional(),
  /** Its gateway's URL from here, at which the doctor looks; the node's URL on chain when left out. */
  gateway: url.optional(),
});

/** Which requests for orders are accepted. */
const acceptPolicy = z.strictObject({
  /** The least that a unit pays, in tokens an hour; the node's listed price when left out. */
  minUnitPrice: amount.optional(),
  /** The most units that one order may take; all that are free when left out. */
  maxUnits: z.number().int().positive().optional(),
  /** The least deposit, in tokens; two epochs' cost where that is more. */
  minDeposit: amount.default("0"),
  /** The most stake that an order may lock behind each unit, in tokens. */
  maxStakeLockPerUnit: amount.default("0"),
  /** The highest protocol fee that is taken, in hundredths of a percent of what is paid. */
  maxFeeBps: z.number().int().min(0).max(10_000).default(1_000),
  /** The only users whose requests are accepted; anybody's when left out. */
  allow: z.array(address).optional(),
  /** Users whose requests are never accepted. */
  deny: z.array(address).default([]),
});
/** See {@link acceptPolicy}. */
export type AcceptPolicy = z.infer<typeof acceptPolicy>;

const orders = z
  .strictObject({
    /** Whether orders are settled: money that is decided but not settled cannot be withdrawn. */
    settle: z.boolean().default(true),
    /** Settles when what is decided is worth so many times the gas, counted by `coinPrice`. */
    worth: z.number().positive().default(10),
    /** Tokens that one coin of the chain is worth. Without it orders are settled every `settleEvery` seconds, and no deposit is held against gas. */
    coinPrice: amount.optional(),
    /** Seconds after which an order with something decided is settled, unless that is known to be less than the gas. */
    settleEvery: z.number().int().positive().default(86_400),
    /** Seconds after which a dry order that nobody tops up is closed; they stay when left out. */
    closeDryAfter: z.number().int().positive().optional(),
    /** Which requests are accepted; none when left out. */
    accept: acceptPolicy.optional(),
    /** Withdraws earnings of at least `above` tokens to the address `to`; they stay in the escrow when left out. */
    withdraw: z.strictObject({ above: amount, to: address }).optional(),
    /** Frees stake that no order needs when it is at least so many tokens; the next order takes it when left out. */
    releaseAbove: amount.optional(),
  })
  .prefault({});

const stake = z
  .strictObject({
    /** Puts the account's own tokens in as stake when free stake is below `below`, up to `to`, and never more than `max` in all. */
    topUp: z.strictObject({ below: amount, to: amount, max: amount }).optional(),
    /** How much of the stake orders may lock, in tokens: the cap is raised to it; never touched when left out. */
    ordersCap: amount.optional(),
    /** Free stake in tokens below which it is alarmed. */
    alarmBelow: amount.default("0"),
  })
  .prefault({});

/** The fields of a provider's service. */
const fields = z.strictObject({
  chain: chainConfig,
  /** The account whose nodes these are. */
  signer: signerConfig,
  /** Folder of the database and of quotes. */
  data: z.string().min(1).default("provider"),
  nodes: z.array(node).min(1),
  /** The machine's prover, which searches for the nodes with `prover: "shared"`, for one after the other. */
  prover: proverConfig
    .refine(({ workers }) => workers === undefined, { error: "workers are of one node: name them in `nodes[].prover`" })
    .optional(),
  proofs: z
    .strictObject({
      /** Whether a node that no order uses proves its power. */
      proveIdle: z.boolean().default(false),
      /** `window`: as long as rates are counted, for a higher rate; `enough`: until there is an answer. */
      search: z.enum(["window", "enough"]).default("window"),
      /** Seconds that an answer has to come into a block; what rates are not counted over, and at least three blocks, when left out. */
      margin: z.number().int().positive().optional(),
    })
    .prefault({}),
  attestation: z
    .strictObject({
      /** Who verifies quotes: `chain`, the chain itself; `quorum`, two thirds of the validators' stake. */
      by: z.enum(["chain", "quorum"]).default("chain"),
      /** Seconds before an attestation lapses at which it is renewed; a quarter of the longest that one holds when left out. */
      renewBefore: z.number().int().positive().optional(),
      /** The APIs of validators, of which the signatures of a quorum are collected. */
      validators: z.array(url).default([]),
    })
    .refine(({ by, validators }) => by === "chain" || validators.length > 0, {
      error: "name the APIs of `validators` of whom a quorum is to be had",
    })
    .prefault({}),
  /** Intel's collateral, submitted where the chain lacks it; nothing is when left out. */
  collateral: z
    .strictObject({
      /** URL of a PCS or PCCS; a file or a folder on local chains. */
      source: z.string().min(1),
      /** Key of a subscription, where the server asks for one. */
      key: secretPlace.optional(),
      /** Seconds before a document lapses at which a newer one is submitted. */
      renewBefore: z
        .number()
        .int()
        .positive()
        .default(5 * 86_400),
    })
    .optional(),
  orders,
  stake,
  /** Coins of the chain below which it is alarmed that gas runs out. */
  alarmBelowCoins: amount.default("0.05"),
  /** The Unix socket at which the gateways of the same account hand over what they want sent; none is opened when left out. */
  handOver: z.strictObject({ socket: z.string().min(1) }).optional(),
  /** What a unit of gas costs at the most, in gwei: in all, and of it to the block's builder. */
  fees: feesConfig,
  /** Where /metrics, /healthz and /readyz are served. */
  status: statusConfig,
  /** Told of alarms; the secret signs what is sent. */
  webhook: webhookConfig.optional(),
  log: logConfig,
});

/** The configuration of a provider's service, as its JSON5 file has it. */
export const providerConfig = fields.refine(
  ({ nodes, prover }) => prover !== undefined || nodes.every((each) => each.prover !== "shared"),
  { error: "name the `prover` that nodes share", path: ["prover"] },
);

/** A provider service's configuration, checked, with every default filled in. */
export type ProviderConfig = Readonly<z.infer<typeof providerConfig>>;
/** How one node is configured. */
export type NodeConfig = ProviderConfig["nodes"][number];
