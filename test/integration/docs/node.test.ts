import { expect } from "chai";
import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import { root } from "../../../scripts/checks/files.ts";

const read = (path: string): string => readFileSync(join(root, path), "utf8");
const manifest = JSON.parse(read("package.json")) as {
  readonly engines: { readonly node: string };
  readonly devDependencies: Readonly<Record<string, string>>;
};

/** npm's program, which any Node runs. */
function npmProgram(): string {
  const files = (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, "npm"));
  return realpathSync(files.find((file) => existsSync(file)) ?? "npm");
}

describe("the Node that README.md promises", () => {
  it("is the project's own for npm and npx, whatever Node the shell has", async () => {
    const folder = mkdtempSync(join(tmpdir(), "shell-"));
    writeFileSync(join(folder, "node"), "#!/bin/sh\necho v20.0.0\n");
    chmodSync(join(folder, "node"), 0o755);
    const env = { ...process.env, PATH: [folder, "/usr/bin", "/bin"].join(delimiter) };
    const version = await new Promise<string>((resolve, reject) => {
      const args = [npmProgram(), "exec", "--offline", "-c", "node --version"];
      execFile(process.execPath, args, { cwd: root, env }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout.trim());
        else reject(new Error(stderr));
      });
    });
    expect(version).to.equal(`v${manifest.devDependencies["node"] ?? ""}`);
    rmSync(folder, { recursive: true });
  });

  it("is asked for by an installation, which refuses any older one", () => {
    expect(read(".npmrc")).to.match(/^engine-strict=true$/m);
    expect(manifest.engines.node).to.match(/^>=22/);
  });
});
