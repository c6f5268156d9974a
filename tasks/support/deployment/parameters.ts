import { concat, isAddress, isHexString } from "ethers";
import JSON5 from "json5";
import { z } from "zod";

import { readBytes } from "../inputs.ts";
import { exampleParametersFile } from "../parameterFiles.ts";
import type { AllowedEnclave } from "../../../modules/Protocol.ts";
import type { Model } from "../../../modules/models.ts";
import { InputError } from "../../../src/inputError.ts";

const address = z.string().refine(isAddress, "not an address");
/** Ignition's way of writing integers beyond 2^53: a string that ends with n. */
const bigint = z
  .union([z.int().nonnegative(), z.string().regex(/^\d+n$/, 'not an integer such as "10n"')])
  .transform((value) => BigInt(typeof value === "number" ? value : value.slice(0, -1)));
/** Tokens, whatever decimals they have; the string keeps every digit. */
const amount = z
  .string('not tokens in quotes, such as "100" or "0.5"')
  .regex(/^\d+(\.\d+)?$/, 'not tokens in quotes, such as "100" or "0.5"');
const bytesOf = (length: number) =>
  z.string().refine((text) => isHexString(text, length), `not ${length.toString()} bytes in hexadecimal`);
/** MISCSELECT and ATTRIBUTES of an allowed enclave, with their masks, as in Intel's enclave identities. */
const launchFields = {
  attributes: bytesOf(16),
  attributesMask: bytesOf(16).default(`0x${"ff".repeat(16)}`),
  miscSelect: bytesOf(4).default("0x00000000"),
  miscSelectMask: bytesOf(4).default("0xffffffff"),
};
const measurement = bytesOf(32);
const rootKey = bytesOf(64);
const seconds = z.int().positive();
const count = z.int().nonnegative();

/** Puts the four fields together as the registry takes them. */
function withLaunch<T extends Record<"attributes" | "attributesMask" | "miscSelect" | "miscSelectMask", string>>({
  attributes,
  attributesMask,
  miscSelect,
  miscSelectMask,
  ...enclave
}: T) {
  return {
    ...enclave,
    launch: concat([miscSelect, attributes]),
    launchMask: concat([miscSelectMask, attributesMask]),
  };
}

const schema = z.strictObject({
  Protocol: z
    .strictObject({
      token: address,
      governor: address,
      guardian: address,
      treasury: address,
      governanceDelay: count,
      exitDelay: seconds,
      activationDelay: seconds,
      validatorSlashBps: count,
      validatorMinimumStake: amount,
      disputePeriod: seconds,
      demandBond: amount,
      resultBond: amount,
      epochLength: seconds,
      powerShareBps: count,
      releaseDelay: seconds,
      revocationDelay: seconds,
      nodeMinimumStake: amount,
      maximumAge: seconds,
      evaluationFloor: z.int().min(2).max(0xffff),
      acceptedStatuses: count,
      graceStatuses: count,
      graceUntil: count,
      responseWindow: seconds,
      effectiveWindow: seconds,
      lotteryOdds: count,
      openStretch: seconds,
      blockMilliseconds: z.int().positive(),
      feeBps: count,
    })
    .partial(),
  simulationRoot: rootKey.optional(),
  founders: z.array(address).optional(),
  models: z
    .array(z.strictObject({ kind: z.enum(["CpuCore", "Gpu"]), hashRate: bigint, name: z.string().min(1) }))
    .optional(),
  enclaves: z
    .array(
      z.union([
        z.strictObject({ mrEnclave: measurement, ...launchFields }).transform(withLaunch),
        z
          .strictObject({ mrSigner: measurement, isvProdId: count, minIsvSvn: count, ...launchFields })
          .transform(withLaunch),
      ]),
    )
    .optional(),
});

/** What a deployment is made with. */
export interface DeploymentParameters {
  /** Parameters of the Ignition module, by name. Amounts are tokens in decimal; as big integers they are token base units. */
  readonly Protocol: Readonly<Partial<Record<string, string | number | bigint>>>;
  /** The root of an SGX simulator, x and y, where simulated quotes count; that of the default seed by default. */
  readonly simulationRoot?: string | undefined;
  /** Validators whose stake counts at once at the beginning; on local networks all their accounts by default. */
  readonly founders?: readonly string[] | undefined;
  readonly models?: readonly Model[] | undefined;
  readonly enclaves?: readonly AllowedEnclave[] | undefined;
}

/**
 * Reads a parameter file; deployments/parameters/example.json5 explains its form.
 *
 * @throws {InputError} For anything else.
 */
export function readParameters(file: string): DeploymentParameters {
  const remedy = `${exampleParametersFile()} explains the form.`;
  let value: unknown;
  const text = readBytes(file).toString("utf8");
  try {
    value = JSON5.parse(text);
  } catch (cause) {
    throw new InputError(`"${file}" is not JSON5`, remedy, { cause });
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new InputError(`"${file}" is invalid at "${issue?.path.join(".") ?? ""}": ${issue?.message ?? ""}`, remedy);
}
