/**
 * Builds what Gramine runs the enclave program from, and says what is measured of it: `npm run build:gramine -- TRUST FOLDER`.
 * TRUST is the file of `node trust`.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { root } from "./checks/files.ts";
import { bundleEnclave, copyBeside } from "./gramine/bundle.ts";
import { checksumsOf, templateWith, trustedFilesIn } from "./gramine/trustedFiles.ts";

/** Of what Node needs, what Gramine does not have itself. */
const LIBRARIES = /=> (\S*\/(?:libstdc\+\+\.so\.6|libgcc_s\.so\.1)) /g;

const [trust, folder, ...others] = process.argv.slice(2);
if (trust === undefined || folder === undefined || others.length > 0) {
  console.error("Usage: npm run build:gramine -- TRUST FOLDER");
  process.exit(1);
}
const app = join(folder, "app");
const linked = execFileSync("ldd", [process.execPath], { encoding: "utf8" });
await bundleEnclave(app);
copyBeside(
  app,
  process.execPath,
  [...linked.matchAll(LIBRARIES)].map(([, library = ""]) => library),
  trust,
);
mkdirSync(join(folder, "data"), { recursive: true, mode: 0o700 });
const files = trustedFilesIn(app);
const template = readFileSync(join(root, "deploy/gramine/enclave.manifest.template"), "utf8");
writeFileSync(join(folder, "enclave.manifest.template"), templateWith(template, files));
writeFileSync(join(folder, "trusted-files.sha256"), checksumsOf(files));
console.log(`Node ${process.versions.node}, ${files.length} files:\n${checksumsOf(files)}`);
