import type { Logger } from "pino";

import type { OrderName } from "./records.ts";
import type { OrderReader } from "../chain/orders.ts";
import type { Application, OpenedSecrets } from "../orchestrator/application.ts";
import type { Orchestrator } from "../orchestrator/orchestrator.ts";
import type { Database } from "../../service/store/database.ts";

/** A deployment's use of secrets. */
export interface SecretSource {
  /**
   * What names the versions of the secrets that an application uses, in a fixed order: `name@version` each.
   *
   * @throws {Problem} `secret-not-found`, with all that lack.
   */
  versions(name: OrderName, application: Application): readonly string[];
  /**
   * The secrets that an application uses, opened. Whoever gets them overwrites them as soon as they were handed on.
   *
   * @throws {Problem} `secret-not-found`, `secret-not-opened`, `secrets-unavailable`.
   */
  open(name: OrderName, application: Application, signal: AbortSignal): Promise<OpenedSecrets>;
  /** Forgets all of an order's. */
  forget(name: OrderName): void;
}

/** What is signed into a receipt. */
export interface ReceiptContent extends OrderName {
  readonly url: string;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
  /** The images that run, by digest. */
  readonly images: readonly string[];
  readonly endpoints: readonly string[];
  /** Unix seconds. */
  readonly deployedAt: number;
  /** EIP-712 hash of the request. */
  readonly request: string;
}

/** What deployments are made with. */
export interface DeploymentParts {
  readonly database: Database;
  readonly orchestrator: Orchestrator;
  readonly orders: OrderReader;
  /** The gateway's node. */
  readonly node: number;
  /** The node's hardware model. */
  readonly model: number;
  /** The bytes at a URL, if they have this SHA-256 (64 hexadecimal digits); throws Problems. */
  readonly fetchManifest: (url: string, sha256: string, signal: AbortSignal) => Promise<Uint8Array>;
  /** What a manifest asks for, if that is allowed and fits into what the order bought; throws a Problem with all its faults. */
  readonly checkManifest: (
    manifest: Uint8Array,
    order: { readonly order: number; readonly units: number },
  ) => Application | Promise<Application>;
  /** The same application with every image by its digest; throws a Problem with all that were not found. */
  readonly resolveImages: (application: Application, signal: AbortSignal) => Promise<Application>;
  readonly secrets: SecretSource;
  /** The most bytes that an order of some units may take on the disk. */
  readonly diskOf: (units: number) => number;
  /** Whether the disks have room for another application. */
  readonly hasRoom: () => Promise<boolean>;
  /** The URLs under which an application's services are reached from outside. */
  readonly endpointUrls: (order: number, application: Application) => readonly string[];
  /** Signs a receipt in the provider's name; undefined where the gateway has no key of its provider's. */
  readonly signReceipt: ((content: ReceiptContent) => Promise<object>) | undefined;
  /** Checks that an account has signed an EIP-712 hash; throws a Problem. */
  readonly checkSignature: (account: string, digest: string, signature: string) => Promise<void>;
  /** The EIP-712 hash of a request to deploy. */
  readonly requestDigest: (request: SignedRequest) => string;
  /** Forgets what other rooms keep of an order whose application is removed for good. Runs in the transaction that removes it. */
  readonly forget?: (name: OrderName) => void;
  readonly hasWebhook: boolean;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
  /** Milliseconds; by default 500 between two looks at an application that starts, and 300,000 until it has to be ready. */
  readonly pollInterval?: number;
  readonly readyWithin?: number;
}

/** What a user signs to have a manifest deployed; gateway and node are those of the gateway that it is sent to. */
export interface SignedRequest extends OrderName {
  readonly account: string;
  readonly url: string;
  /** 64 hexadecimal digits in lower case. */
  readonly sha256: string;
  /** 32 bytes in hex. */
  readonly nonce: string;
  /** Unix seconds. */
  readonly until: number;
}
