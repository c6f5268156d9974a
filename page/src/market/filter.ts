import type { NodeView } from "../../../src/facts/node.ts";

/** Which nodes somebody looks for, as the URL has it. */
export interface NodeFilter {
  readonly text: string;
  readonly model: string;
  readonly verifier: string;
  readonly units: bigint;
  /** Also nodes that take no orders now. */
  readonly all: boolean;
}

export function filterOf(query: URLSearchParams): NodeFilter {
  const units = query.get("units") ?? "";
  return {
    text: (query.get("q") ?? "").trim().toLowerCase(),
    model: query.get("model") ?? "",
    verifier: query.get("verified") ?? "",
    units: /^\d{1,5}$/.test(units) ? BigInt(units) : 1n,
    all: query.get("all") === "1",
  };
}

export function isWanted(node: NodeView, { text, model, verifier, units, all }: NodeFilter): boolean {
  const isOpen = node.open && node.units - node.unitsInUse >= units;
  const words = `${node.model} ${node.provider} node ${node.nodeId.toString()} ${node.mrEnclave}`.toLowerCase();
  return (
    (all || isOpen) &&
    words.includes(text) &&
    (model === "" || node.model === model) &&
    (verifier === "" || node.verifier === verifier)
  );
}

const GIGA = 10n ** 9n;

/** What a proven gigahash per second of a node costs, a rate like `ratePerUnit`; undefined where it has proven nothing. */
export function priceOfPower({ ratePerUnit, units, provenRate }: NodeView): bigint | undefined {
  return provenRate === 0n ? undefined : (ratePerUnit * units * GIGA) / provenRate;
}
