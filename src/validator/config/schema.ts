import { z } from "zod";

import { chainConfig } from "../../chain/endpoints/config.ts";
import { feesConfig } from "../../chain/sending/config.ts";
import { programConfig } from "../reruns/config.ts";
import { forms } from "../../forms.ts";
import { logConfig, statusConfig, webhookConfig } from "../../service/config/sections.ts";
import { secretPlace } from "../../service/config/secret.ts";
import { signerConfig } from "../../signers/config.ts";

const amount = z.string().regex(/^\d+(\.\d+)?$/, "not a decimal amount");
const seconds = z.number().nonnegative();

/** How often something may be asked for. */
const rate = (perSecond: number, burst: number) =>
  z
    .strictObject({
      /** How many more a second. */
      perSecond: z.number().positive().default(perSecond),
      /** How many at once after a pause. */
      burst: z.number().int().positive().default(burst),
    })
    .prefault({});

const peer = z.strictObject({
  /** Its API, without a trailing slash. */
  url: z.url({ protocol: /^https?$/ }).refine((text) => !text.endsWith("/"), "ends with a slash"),
  /** The account of its seat. */
  address: forms.address,
});

/** The configuration of a validator's service, as its JSON5 file has it. */
export const validatorConfig = z.strictObject({
  chain: chainConfig,
  /** The account of the seat. */
  signer: signerConfig,
  /** The key that the seat signs quotes, verdicts and blocks with, as `validator set-key` has told the chain; the account's own when left out. */
  signingKey: signerConfig.optional(),
  /** What a unit of gas costs at the most, in gwei: in all, and of it to the block's builder. */
  fees: feesConfig,
  /** Folder of the database. */
  data: z.string().min(1).default("validator"),
  journal: z
    .strictObject({
      /** Folder of what the seat has signed; the one that the commands use, when left out. */
      folder: z.string().min(1).optional(),
      /** File that remembers elsewhere what the journal has; in the folder of the database, when left out. */
      anchor: z.string().min(1).optional(),
    })
    .prefault({}),
  /** Where the API listens that providers and other validators ask. */
  listen: z
    .strictObject({
      host: z.string().min(1).default("127.0.0.1"),
      port: z.number().int().min(0).max(65_535).default(8930),
      tls: z.strictObject({ cert: z.string().min(1), key: z.string().min(1) }).optional(),
      /** Proxies whose X-Forwarded-For counts: addresses or CIDR blocks. */
      trustedProxies: z.array(z.string().min(1)).default([]),
    })
    .prefault({}),
  limits: z
    .strictObject({
      /** Requests of each address. */
      address: rate(20, 100),
      /** Quotes that each address brings. */
      quotes: rate(0.5, 10),
      /** Requests of each seat. */
      seat: rate(20, 200),
    })
    .prefault({}),
  /** The other validators. */
  peers: z.array(peer).max(31).default([]),
  /** Seconds for which nothing is signed at the start, and it is watched whether somebody else acts with the seat's key. */
  doppelganger: z.strictObject({ seconds: seconds.default(120) }).prefault({}),
  turns: z
    .strictObject({
      /**
       * Seconds between one validator and the next where one is enough: challenges, first signatures on a quote, ends of tasks. So long that what one
       * sends is mined and seen by all, and the same for all validators.
       */
      step: z.number().positive().default(15),
    })
    .prefault({}),
  rewards: z
    .strictObject({
      /** Tokens that must be due in all before they are claimed. */
      above: amount.default("0"),
      /** Who gets them; the account of the seat when left out. */
      to: forms.address.optional(),
      /** Seconds between two looks. */
      every: z.number().positive().default(3_600),
    })
    .prefault({}),
  collateral: z
    .strictObject({
      /** URL of a PCS or PCCS; Intel's by default. On local chains a file or a folder too. */
      source: z.string().min(1).default("https://api.trustedservices.intel.com"),
      /** Key of a subscription, where the server asks for one. */
      key: secretPlace.optional(),
    })
    .prefault({}),
  /** Programs whose results are public, and that are run again before a verdict is signed. */
  programs: z.array(programConfig).default([]),
  views: z
    .strictObject({
      /** Address of ViewJudge; the deployment's when left out. */
      judge: forms.address.optional(),
      /** Only blocks are signed that the chain itself calls final, beside the confirmations; for chains that know such. */
      finalized: z.boolean().default(false),
      /** Every so many blocks the chain is signed without being asked. */
      every: z.number().int().positive().default(50),
      /** Heights that are signed because somebody asks, of each address. */
      demanded: rate(0.1, 6),
    })
    .prefault({}),
  demands: z
    .strictObject({
      /** Seconds after which a quote is demanded that validators vouched for and nobody shows, or a task's result that nobody gives. */
      after: seconds.default(3_600),
      /** So many bonds may be at stake at once for quotes, and as many for results; one is lost when what is demanded is shown. With 0 nothing is demanded, and it is alarmed. */
      most: z.number().int().nonnegative().default(0),
    })
    .prefault({}),
  /** Local chains and test networks only: quotes of the simulator are judged by the root that the chain names. */
  simulated: z.boolean().default(false),
  /** Devnets only: gateways of nodes are asked on this machine, too. */
  allowLoopback: z.boolean().default(false),
  /** Tokens of stake below which it is alarmed; only below what a seat needs when left out. */
  alarmBelowStake: amount.optional(),
  /** Coins of the chain below which it is alarmed that gas runs out. */
  alarmBelowCoins: amount.default("0.05"),
  /** Where /metrics, /healthz and /readyz are served. */
  status: statusConfig,
  /** Told of alarms; the secret signs what is sent. */
  webhook: webhookConfig.optional(),
  log: logConfig,
});

/** A validator service's configuration, checked, with every default filled in. */
export type ValidatorConfig = Readonly<z.infer<typeof validatorConfig>>;
