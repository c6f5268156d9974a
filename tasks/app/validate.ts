import { offlineAction } from "../support/action.ts";
import { EXIT } from "../support/failures/failure.ts";
import { isUrl, manifestBytes } from "./manifest.ts";
import { checkManifest } from "../../src/gateway/manifest/checkManifest.ts";

const CORRECT = "correct the faults, and check again.";

export default offlineAction(async ({ file }: { file: string }) => {
  const { application, faults } = checkManifest(await manifestBytes(file), { capacity: undefined });
  const lines = faults.map(({ line, column, path = "", detail }) => [
    `${String(line ?? 1)}:${String(column ?? 1)}`,
    path,
    detail,
  ]);
  const isValid = application !== undefined;
  return {
    data: { file, valid: isValid, faults, ...(isValid ? { application } : {}) },
    rows: [
      [
        "Manifest",
        isValid
          ? `${file} can be deployed, where the order's units suffice`
          : `${file} has ${String(faults.length)} faults`,
      ],
    ],
    table: isValid ? [] : [["Place", "Field", "Fault"], ...lines],
    next: isValid ? `${isUrl(file) ? "" : "put it on a public web server, then "}\`app deploy --help\`.` : CORRECT,
    ...(isValid ? {} : { exitCode: EXIT.input }),
  };
});
