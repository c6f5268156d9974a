import { readFileSync, statSync } from "node:fs";

import { InputError } from "../inputError.ts";
import { sameBytes } from "../sgx/bytes.ts";
import { parseCertificate } from "../sgx/certificate.ts";
import type { Collateral } from "../sgx/collateral.ts";
import { readCollateralFolder } from "../sgx/collateralSources.ts";
import { guard } from "../sgx/errors.ts";
import { collateralIn } from "../sgx/files/collateralFile.ts";
import { IntelName } from "../sgx/names.ts";
import { parseTcbInfo } from "../sgx/tcbInfo.ts";
import { showUrl } from "./access.ts";
import { describeFamily, type PlatformFamily } from "./family.ts";
import { PcsClient, type CollateralTrack, type PcsOptions } from "./pcs.ts";

/** Where Intel's documents come from: a server, a folder, or a file. */
export interface CollateralSource {
  /** In words: URL or path. */
  readonly origin: string;
  /**
   * The documents of a platform family, unverified.
   *
   * @param track Which set, where there are several; the standard one by default.
   * @throws {InputError} When it has none for this family or number.
   */
  fetch(family: PlatformFamily, track?: CollateralTrack): Promise<Collateral>;
}

/** The family of a set of collateral. */
export function familyOfCollateral({ pckCa, tcbInfo }: Collateral): PlatformFamily {
  const { subject } = guard("CaEncoding", "the PCK CA's certificate cannot be read", () => parseCertificate(pckCa));
  const { fmspc, pceId } = parseTcbInfo(tcbInfo.text);
  return { ca: sameBytes(subject, IntelName.processorCa) ? "processor" : "platform", fmspc, pceId };
}

/** One set of collateral that is at hand, for its own family only. */
export function setAsSource(collateral: Collateral, origin: string): CollateralSource {
  const has = familyOfCollateral(collateral);
  return {
    origin,
    fetch: (family, track) => {
      const number = parseTcbInfo(collateral.tcbInfo.text).evaluationDataNumber;
      if (track === "early") {
        const problem = `"${origin}" is a single set of collateral, number ${number.toString()}, which does not say whether it is the early one`;
        const remedy = "Leave out --number or give that number, or name a server with --source.";
        return Promise.reject(new InputError(problem, remedy));
      }
      const isOther = describeFamily(has) !== describeFamily(family);
      if (isOther || (typeof track === "number" && track !== number)) {
        const wanted = typeof track === "number" ? `, number ${track.toString()}` : "";
        const problem = `"${origin}" holds the collateral of ${describeFamily(has)}, number ${number.toString()}`;
        const remedy = `Give that of ${describeFamily(family)}${wanted}: \`collateral fetch\`.`;
        return Promise.reject(new InputError(problem, remedy));
      }
      return Promise.resolve(collateral);
    },
  };
}

/**
 * Reads a set of collateral from a file, as {@link collateralIn} says, or a folder, as `readCollateralFolder` says.
 *
 * @throws {InputError} When it cannot be read.
 * @throws {SgxVerificationError} When it is in another form.
 */
export function readCollateral(path: string): Collateral {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) {
    const remedy = "Give a file of `collateral fetch`, a folder of Intel's documents, or a server's URL.";
    throw new InputError(`There is no collateral at "${showUrl(path)}"`, remedy);
  }
  return stat.isDirectory() ? readCollateralFolder(path) : collateralIn(new Uint8Array(readFileSync(path)));
}

/**
 * The source that a place names: the URL of a PCS or PCCS, a folder, or a file.
 *
 * @throws {InputError} When there is nothing, or {@link SgxVerificationError} when it is not collateral.
 */
export function collateralSource(place: string, options: Omit<PcsOptions, "url"> = {}): CollateralSource {
  if (/^https?:\/\//i.test(place)) return new PcsClient({ ...options, url: place });
  return setAsSource(readCollateral(place), place);
}
