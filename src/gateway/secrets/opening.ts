import { referencesOf, type Reference } from "./references.ts";
import type { SealedSecrets } from "./sealedSecrets.ts";
import type { SecretUse } from "../../data/contexts.ts";
import { DATA_FAULTS } from "../../data/errors.ts";
import { EnclaveError } from "../../enclave/errors.ts";
import type { SecretSource } from "../deployments/parts.ts";
import type { OrderName } from "../deployments/records.ts";
import type { Application, OpenedSecrets } from "../orchestrator/application.ts";
import { Problem, type Fault } from "../problems/problem.ts";

/**
 * Opens a value where the enclave's key is: EnclaveClient's `openSecret` has this form. A program that runs as a plain process, as the sample
 * does, shows the value to its host.
 */
export type OpenSecret = (use: Omit<SecretUse, "enclaveKey">, sealed: Uint8Array) => Promise<Uint8Array>;

/** What values are opened with. */
export interface OpeningParts {
  readonly secrets: SealedSecrets;
  /** Undefined where the gateway has no enclave process. */
  readonly open: OpenSecret | undefined;
  readonly chainId: bigint;
  /** OrderEscrow's address. */
  readonly orderEscrow: string;
  readonly node: number;
}

/** Gives deployments the secrets that users have sent, opened only while the container engine is handed them. */
export class SecretOpener implements SecretSource {
  readonly #parts: OpeningParts;

  constructor(parts: OpeningParts) {
    this.#parts = parts;
  }

  versions(name: OrderName, application: Application): readonly string[] {
    const references = referencesOf(application);
    this.#requireAll(name, references);
    const names = [...new Set(references.map(({ secret }) => secret))];
    return names.map((secret) => `${secret}@${String(this.#parts.secrets.versionOf(name, secret))}`);
  }

  async open(name: OrderName, application: Application, signal: AbortSignal): Promise<OpenedSecrets> {
    const references = referencesOf(application);
    this.#requireAll(name, references);
    const opened = new Map<string, Map<string, Uint8Array>>();
    try {
      for (const { secret, key } of references) {
        signal.throwIfAborted();
        const values = opened.get(secret) ?? new Map<string, Uint8Array>();
        opened.set(secret, values);
        values.set(key, await this.#open(name, secret, key));
      }
      return opened;
    } catch (error) {
      for (const values of opened.values()) for (const value of values.values()) value.fill(0);
      throw error;
    }
  }

  forget(name: OrderName): void {
    this.#parts.secrets.forget(name);
  }

  #requireAll(name: OrderName, references: readonly Reference[]): void {
    const { secrets } = this.#parts;
    const errors: Fault[] = references
      .filter(({ secret, key }) => secrets.sealedOf(name, secret, key) === undefined)
      .map(({ secret, key }) => ({ detail: `Secret ${secret} has no key ${key}`, path: `${secret}/${key}` }));
    if (errors.length === 0) return;
    const detail = `Order ${String(name.order)} lacks ${String(errors.length)} values that the application uses`;
    throw new Problem("secret-not-found", detail, { errors });
  }

  async #open(name: OrderName, secret: string, key: string): Promise<Uint8Array> {
    const { secrets, open, chainId, orderEscrow, node } = this.#parts;
    const [version, sealed] = [secrets.versionOf(name, secret), secrets.sealedOf(name, secret, key)];
    if (version === undefined || sealed === undefined) {
      throw new Problem("secret-not-found", `Secret ${secret} has no key ${key} any more`);
    }
    if (open === undefined) throw new Problem("secrets-unavailable", "This gateway has no enclave that opens secrets");
    const use = {
      ...{ chainId, orderEscrow, nodeId: BigInt(node), orderId: BigInt(name.order), terms: name.terms },
      ...{ name: secret, key, version },
    };
    try {
      return await open(use, sealed);
    } catch (error) {
      throw openingProblem(error, secret, key);
    }
  }
}

/** What users are told of a value that did not open: where, and of what kind the fault is. */
function openingProblem(error: unknown, secret: string, key: string): Problem {
  const isTheirs = error instanceof EnclaveError && DATA_FAULTS.some((fault) => fault === error.code);
  if (!isTheirs) return new Problem("secrets-unavailable", "The enclave did not open a secret", { retryAfter: 30 });
  return new Problem("secret-not-opened", `Key ${key} of secret ${secret}: ${error.code}`);
}
