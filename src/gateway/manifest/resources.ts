import type { Place } from "./place.ts";
import { parseQuantity } from "./quantity.ts";
import { fieldsOf, isGiven, quoted, writtenAt, type Refused } from "./read.ts";
import type { Resources } from "../orchestrator/application.ts";

/** What devices are called on clusters; which one an order gets, its hardware model decides. */
export const GPU_NAMES = ["nvidia.com/gpu", "amd.com/gpu", "gpu.intel.com/i915", "gpu.intel.com/xe"] as const;
/** Bytes below which no container starts. */
const LEAST_MEMORY = 4 * 1024 * 1024;

const NAMES = ["cpu", "memory", ...GPU_NAMES] as const;
const REFUSED: Refused = {
  "ephemeral-storage": "give emptyDir volumes a sizeLimit instead",
  storage: "ask for a PersistentVolumeClaim instead",
};

/** What a quantity at a place is worth, in parts of one. */
export function quantityAt(place: Place, scale: 1 | 1000): number | undefined {
  const text = writtenAt(place);
  if (text === undefined) return undefined;
  const quantity = parseQuantity(text, scale);
  if (quantity.kind === "value" && quantity.value > 0) return quantity.value;
  place.fault(quantityFault(text, quantity.kind, scale));
  return undefined;
}

function quantityFault(text: string, kind: ReturnType<typeof parseQuantity>["kind"], scale: 1 | 1000): string {
  const example = scale === 1000 ? "500m or 2" : "512Mi or 1G";
  if (kind === "value") return `${quoted(text)} is nothing; give one such as ${example}`;
  if (kind === "no-quantity") return `${quoted(text)} is not a quantity such as ${example}`;
  if (kind === "too-large") return `${quoted(text)} is more than anybody has`;
  if (scale === 1000) return `${quoted(text)} is not a whole number of thousandths of a core`;
  const meant = text.endsWith("m") ? ` (m is for thousandths; did you mean ${text.slice(0, -1)}Mi?)` : "";
  return `${quoted(text)} is not a whole number of bytes${meant}`;
}

type Amounts = Readonly<Record<(typeof NAMES)[number], number | undefined>>;

function amountsAt(place: Place): { amounts: Amounts; places: Readonly<Record<(typeof NAMES)[number], Place>> } {
  const places = fieldsOf(place, NAMES, REFUSED);
  const amounts = NAMES.map((name) => [name, quantityAt(places[name], name === "cpu" ? 1000 : 1)]);
  return { amounts: Object.fromEntries(amounts) as Amounts, places };
}

/** Requests that are written out must be what the limits are: orders have no more, and hold no less. */
function checkRequests(place: Place, limits: Amounts): void {
  const { amounts, places } = amountsAt(place);
  for (const name of NAMES) {
    if (amounts[name] === undefined || limits[name] === amounts[name]) continue;
    const limit = limits[name] === undefined ? "there is no limit" : "it differs from the limit";
    places[name].fault(`Requests must equal limits, and ${limit}; leave the request out`);
  }
}

/** Reads what a container may use: limits are required. */
export function resourcesAt(place: Place): Resources {
  const none = { milliCpu: 0, memory: 0, gpus: 0 };
  if (!isGiven(place, "every container needs limits of cpu and memory")) return none;
  const fields = fieldsOf(place, ["limits", "requests"], { claims: "devices are asked for by limits" });
  if (!isGiven(fields.limits, "every container needs limits of cpu and memory")) return none;
  const { amounts, places } = amountsAt(fields.limits);
  isGiven(places.cpu, "such as 500m");
  isGiven(places.memory, "such as 512Mi");
  if (amounts.memory !== undefined && amounts.memory < LEAST_MEMORY) {
    places.memory.fault(`${String(amounts.memory)} bytes are too few to start in; give at least 4Mi`);
  }
  checkRequests(fields.requests, amounts);
  const gpus = GPU_NAMES.filter((name) => amounts[name] !== undefined);
  gpus.slice(1).forEach((name) => {
    places[name].fault("A container cannot have GPUs of two makers");
  });
  const [gpu] = gpus;
  return {
    milliCpu: amounts.cpu ?? 0,
    memory: amounts.memory ?? 0,
    gpus: gpu === undefined ? 0 : (amounts[gpu] ?? 0),
  };
}
