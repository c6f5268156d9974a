import type { Call, Given, Operation } from "./operation.ts";
import { needed, parseId, parseNumber } from "../support/inputs.ts";
import { enumName, enumNumber, type EnumValue } from "../../src/enums.ts";
import { InputError } from "../../src/inputError.ts";

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

const setHashRate: Operation = {
  contract: "hardwareCatalog",
  method: "setHashRate(uint256,uint64)",
  title: "Change the reference rate of a hardware model",
  changes: async ({ protocol }, values) => {
    const [id, rate] = values as unknown as [bigint, bigint];
    const { hashRate, name } = await protocol.hardwareCatalog.getModel(id);
    const what = `hashes/s of model ${id.toString()} "${name}"`;
    return [{ what, from: hashRate.toString(), to: rate.toString() }];
  },
};

const tellListed = (listed: boolean): string => (listed ? "listed" : "delisted");

const setListed: Operation = {
  contract: "hardwareCatalog",
  method: "setListed(uint256,bool)",
  title: "List or delist a hardware model for new nodes",
  changes: async ({ protocol }, values) => {
    const [id, listed] = values as unknown as [bigint, boolean];
    const model = await protocol.hardwareCatalog.getModel(id);
    const what = `model ${id.toString()} "${model.name}"`;
    return [{ what, from: tellListed(model.listed), to: tellListed(listed) }];
  },
};

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

/** What `govern model ...` asks for. */
export const modelCommands = {
  "model add": ({ kind, rate, name }: Given): Call[] => {
    const values = [parseKind(needed(kind, "kind")), parseRate(needed(rate, "rate")), parseName(needed(name, "name"))];
    return [{ operation: addModel, values }];
  },
  "model rate": ({ model = "", rate = "" }: Given): Call[] => [
    { operation: setHashRate, values: [parseId(model, "model"), parseRate(rate)] },
  ],
  "model list": ({ model = "" }: Given): Call[] => [{ operation: setListed, values: [parseId(model, "model"), true] }],
  "model delist": ({ model = "" }: Given): Call[] => [
    { operation: setListed, values: [parseId(model, "model"), false] },
  ],
};
