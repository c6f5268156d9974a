import { offlineAction } from "../support/action.ts";
import { EXIT } from "../support/failures/failure.ts";
import { readBytes } from "../support/inputs.ts";
import { checkManifest } from "../../src/gateway/manifest/checkManifest.ts";

export default offlineAction(async ({ file }: { file: string }) => {
  const { application, faults } = checkManifest(readBytes(file), { capacity: undefined });
  const lines = faults.map(({ line, column, path = "", detail }) => [
    `${String(line ?? 1)}:${String(column ?? 1)}`,
    path,
    detail,
  ]);
  const isValid = application !== undefined;
  return Promise.resolve({
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
    next: isValid ? "put it on a public web server, then `app deploy --help`." : "correct the faults, and check again.",
    ...(isValid ? {} : { exitCode: EXIT.input }),
  });
});
