import type { Call, Change, Given, Operation } from "./operation.ts";
import type { PlatformContext } from "../support/context.ts";
import { needed, parseId, parseNumber } from "../support/inputs.ts";
import { enumName, enumNumber, type EnumValue } from "../../src/enums.ts";
import { InputError } from "../../src/inputError.ts";

/** A model as the catalog has it. */
type ModelEntry = Awaited<ReturnType<PlatformContext["protocol"]["hardwareCatalog"]["getModel"]>>;

const MAX_RATE = 2n ** 48n - 1n;

const addModel: Operation = {
  contract: "hardwareCatalog",
  method: "addModel(uint8,uint64,string)",
  title: "Add a hardware model",
  creates: { event: "ModelAdded", argument: "modelId", noun: "Model" },
  changes: async ({ protocol }, values) => {
    const [kind, rate, name] = values as unknown as [bigint, bigint, string];
    const next = (await protocol.hardwareCatalog.modelCount()) + 1n;
    const to = `"${name}", ${enumName("HardwareKind", kind)}, ${rate.toString()} hashes/s a unit`;
    return [{ what: `model ${next.toString()}`, from: "none", to }];
  },
};

/** Changing one thing of the model that the first argument names to what the second says. */
function changing(
  method: string,
  title: string,
  tell: (model: ModelEntry, value: unknown) => Pick<Change, "from" | "to"> & { readonly of: string },
): Operation {
  return {
    contract: "hardwareCatalog",
    method,
    title,
    changes: async ({ protocol }, values) => {
      const [id, value] = values as unknown as [bigint, unknown];
      const model = await protocol.hardwareCatalog.getModel(id);
      const { of, ...change } = tell(model, value);
      return [{ what: `${of}model ${id.toString()} "${model.name}"`, ...change }];
    },
  };
}

const rateTitle = "Change the reference rate of a hardware model";
const setHashRate = changing("setHashRate(uint256,uint64)", rateTitle, ({ hashRate }, rate) => {
  return { of: "hashes/s of ", from: hashRate.toString(), to: String(rate) };
});

const tellListed = (listed: boolean): string => (listed ? "listed" : "delisted");

const listTitle = "List or delist a hardware model for new nodes";
const setListed = changing("setListed(uint256,bool)", listTitle, (model, listed) => {
  return { of: "", from: tellListed(model.listed), to: tellListed(listed === true) };
});

export const modelOperations = [addModel, setHashRate, setListed];

const KINDS: Readonly<Record<string, EnumValue<"HardwareKind">>> = { "cpu-core": "CpuCore", gpu: "Gpu" };

function parseKind(text: string): number {
  const kind = KINDS[text];
  if (kind !== undefined) return enumNumber("HardwareKind", kind);
  throw new InputError(`"${text}" is not a kind of hardware`, "Give cpu-core or gpu.");
}

const parseRate = (text: string): bigint => parseNumber(text, "hash rate", MAX_RATE, 1n);

function parseName(text: string): string {
  const { length } = Buffer.from(text, "utf8");
  if (length > 0 && length <= 64) return text;
  throw new InputError(`The name has ${String(length)} bytes`, "Give one of 1 to 64.");
}

const listing =
  (listed: boolean) =>
  ({ model = "" }: Given): Call[] => [{ operation: setListed, values: [parseId(model, "model"), listed] }];

/** What `govern model ...` asks for. */
export const modelCommands = {
  "model add": ({ kind, rate, name }: Given): Call[] => {
    const values = [parseKind(needed(kind, "kind")), parseRate(needed(rate, "rate")), parseName(needed(name, "name"))];
    return [{ operation: addModel, values }];
  },
  "model rate": ({ model = "", rate = "" }: Given): Call[] => [
    { operation: setHashRate, values: [parseId(model, "model"), parseRate(rate)] },
  ],
  "model list": listing(true),
  "model delist": listing(false),
};
