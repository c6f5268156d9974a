import ipaddr from "ipaddr.js";
import { z } from "zod";

import { acmePolicy } from "../certificates/policy.ts";
import { pricePolicy } from "../node/policy.ts";
import { taskPolicy } from "../transfer/taskPolicy.ts";
import { logConfig, webhookConfig } from "../../service/config/sections.ts";
import { chainConfig } from "../../chain/endpoints/config.ts";
import { enclaveFields, namesOnePlace, saysWhomToBelieve, WHOM_TO_BELIEVE } from "../../enclave/place.ts";
import { feesConfig } from "../../chain/sending/config.ts";
import { measurementNames } from "../../page/measurements.ts";
import { isForBrowsers } from "../../page/rpcUrls.ts";
import { secretPlace } from "../../service/config/secret.ts";

const seconds = z.number().int().nonnegative();
const folder = z.string().min(1);
/** A quantity as Kubernetes writes it, such as "500m", "2", "512Mi". */
const quantity = z.string().regex(/^\d+(\.\d+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?$/, "not a quantity such as 500m, 2 or 512Mi");

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

/** An address, or a block in CIDR notation. */
const addressBlock = z.string().refine((text) => ipaddr.isValid(text) || ipaddr.isValidCIDR(text), {
  error: "not an address such as 203.0.113.9, or a block such as 203.0.113.0/24",
});

const podman = z.strictObject({
  kind: z.literal("podman"),
  /** Podman's REST socket; the gateway starts a service of its own when it is left out. */
  socket: z.string().min(1).optional(),
  /** The names of the machine's own images that applications may have; what else it has is the provider's alone. */
  images: z.array(z.string().min(1)).default([]),
});

/** An origin such as "https://registry.internal:5000". */
const origin = z
  .url({ protocol: /^https?$/ })
  .refine((url) => new URL(url).origin === url, "not an origin such as https://node.example");

/** An endpoint that a page in a browser may ask. */
const publicRpcUrl = z.url({ protocol: /^https?$/ }).refine(isForBrowsers, {
  error: "not an endpoint that browsers reach: https, or http on localhost or 127.0.0.1",
});

/** What pods of one hardware model get on Kubernetes. */
const placement = z.strictObject({
  runtimeClassName: z.string().min(1).optional(),
  nodeSelector: z.record(z.string(), z.string()).default({}),
  tolerations: z.array(z.record(z.string(), z.union([z.string(), z.number()]))).default([]),
  /** The resource that one GPU of the model is, such as `nvidia.com/gpu`. */
  gpuResource: z.string().min(1).optional(),
});

const kubernetes = z.strictObject({
  kind: z.literal("kubernetes"),
  /** A kubeconfig file; the service account of the gateway's own pod when it is left out. */
  kubeconfig: z.string().min(1).optional(),
  context: z.string().min(1).optional(),
  storageClassName: z.string().min(1).optional(),
  /** Addresses and blocks that applications may not connect to, besides those of the cluster's nodes and API server. */
  closedAddresses: z.array(addressBlock).default([]),
  /** By the hardware model's number. */
  placements: z.record(z.string().regex(/^\d+$/), placement).default({}),
});

/** What one unit of a hardware model holds. */
const unit = z.strictObject({
  cpu: quantity,
  memory: quantity,
  disk: quantity,
  gpus: z.number().int().nonnegative().default(0),
});

/** The configuration of a gateway, as its JSON5 file has it. */
export const gatewayConfig = z.strictObject({
  /** The node that the gateway serves. */
  node: z.number().int().positive(),
  chain: chainConfig,
  /** How the gateway is reached from outside, without a trailing slash; part of what tokens are bound to. */
  origin,
  listen: z
    .strictObject({
      host: z.string().min(1).default("127.0.0.1"),
      port: z.number().int().min(0).max(65_535).default(8900),
      tls: z.strictObject({ cert: z.string().min(1), key: z.string().min(1) }).optional(),
      /** Proxies whose X-Forwarded-For counts: addresses or CIDR blocks. */
      trustedProxies: z.array(z.string().min(1)).default([]),
    })
    .prefault({}),
  /** How the gateway gets certificates by itself; it gets none when left out. */
  acme: acmePolicy.optional(),
  /** Host under which each order has an origin of its own, such as `apps.node.example` for `order-7-web.apps.node.example`. */
  applicationsHost: z.string().min(1).optional(),
  /** Folder of the database, of uploads and of what the gateway keeps. */
  data: folder.default("gateway"),
  /** Signs receipts and offers in the provider's name. */
  providerKey: secretPlace.optional(),
  /** Where the program sends for this gateway that sends with the provider's key; without it the gateway sends by itself. */
  sender: z.strictObject({ socket: z.string().min(1) }).optional(),
  /** What a unit of gas costs at the most, in gwei, where the gateway sends by itself. */
  fees: feesConfig,
  orchestrator: z.discriminatedUnion("kind", [podman, kubernetes]).prefault({ kind: "podman" }),
  /** Registries that images may come from though their addresses are not public, or though they speak plain HTTP. */
  registries: z.array(origin).default([]),
  /** By the hardware model's number. */
  units: z.record(z.string().regex(/^\d+$/), unit),
  /** How the gateway prices the offers it signs; it signs none when left out. */
  offers: pricePolicy.optional(),
  /** What the node's attestation rests on, so that users verify it offline. */
  attestation: z
    .strictObject({
      /** Folder in which `node quote` keeps the node's quotes. */
      quotes: z.string().min(1).optional(),
      /** A collateral file, as `collateral fetch` writes it. */
      collateral: z.string().min(1).optional(),
    })
    .prefault({}),
  fetch: z
    .strictObject({
      /** Devnets only: also plain http and loopback addresses. */
      allowLoopback: z.boolean().default(false),
    })
    .prefault({}),
  /** The node's enclave process: opens users' secrets, runs tasks, takes opaque messages. Without it the gateway does none of these. */
  enclave: z
    .strictObject({
      ...enclaveFields,
      /** Where messages for the enclave go: HTTP on this machine. */
      door: z.strictObject({ url: z.url({ protocol: /^http$/ }), socketPath: z.string().min(1).optional() }).optional(),
    })
    .refine(namesOnePlace, { error: "name one of `socket`, `program` and `keyFile`" })
    .refine(saysWhomToBelieve, { error: WHOM_TO_BELIEVE })
    .prefault({}),
  /** Which tasks the gateway accepts, runs and submits by itself; none when left out. */
  tasks: taskPolicy.optional(),
  /** How much of the machine's disk what users bring may take. */
  disk: z
    .strictObject({
      /** What stays free: with less, nothing is deployed, pulled or taken in. */
      reserve: quantity.default("2Gi"),
      /** The most that the images of one application may take together, unpacked. */
      images: quantity.default("16Gi"),
      /** Seconds for which an image is kept that the gateway has pulled and nothing uses. */
      unusedImages: seconds.default(3_600),
      /** The most that all files together may take which data owners and requesters send. */
      uploads: quantity.default("50Gi"),
      /** The most that the files of one account may take together. */
      uploadsOfAccount: quantity.default("1Gi"),
      /** Seconds for which an upload is kept that nobody goes on with. */
      unfinishedUploads: seconds.default(86_400),
      /** Seconds for which a file is kept that no task and no grant needs any more. */
      unneededFiles: seconds.default(7 * 86_400),
    })
    .prefault({}),
  grace: z
    .strictObject({
      /** Seconds that an application keeps running after its order has stopped. */
      running: seconds.default(600),
      /** Seconds that volumes are kept after the order has stopped. */
      volumes: seconds.default(7 * 86_400),
    })
    .prefault({}),
  limits: z
    .strictObject({
      /** Of each client address. */
      address: rate(50, 200),
      /** Of each order. */
      order: rate(50, 200),
      /** Sign-ins of each address. */
      login: rate(0.2, 10),
      /** Requests of each address that make the gateway fetch something. */
      fetch: rate(0.5, 10),
      /** Deployments of each order. */
      deploy: rate(0.1, 10),
      /** Fresh quotes of the node's enclave, whoever asks for them. */
      quote: rate(1, 10),
      /** Reads of the chain about what is not of this node, whoever causes them. */
      strangers: rate(5, 50),
    })
    .prefault({}),
  /** Serves the market as a page, below the path `/market/`; not served when left out. */
  market: z
    .strictObject({
      /** JSON-RPC endpoints that the page asks: whoever opens it sees them and can use them. None of `chain.rpc` is shown. */
      publicRpcUrls: z.array(publicRpcUrl).min(1),
      /** What enclaves' programs are called, by their measurements. */
      measurements: measurementNames.optional(),
    })
    .optional(),
  /** Lets the provider read what is for operators from other machines. */
  operatorToken: secretPlace.optional(),
  webhook: webhookConfig.optional(),
  log: logConfig,
});

/** A gateway's configuration, checked, with every default filled in. */
export type GatewayConfig = Readonly<z.infer<typeof gatewayConfig>>;
/** What one unit of a hardware model holds. */
export type Unit = z.infer<typeof unit>;
/** What pods of one hardware model get on Kubernetes. */
export type Placement = z.infer<typeof placement>;
export type { Rate } from "../../service/buckets.ts";
