import { builtinModule } from "./builtinModules.ts";

/** The folder of the package's package.json, whether its sources run or what they were compiled to. */
export function packageRoot(): string {
  const { existsSync } = builtinModule("node:fs");
  const path = builtinModule("node:path");
  let folder = path.dirname(builtinModule("node:url").fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, "package.json")) && path.dirname(folder) !== folder)
    folder = path.dirname(folder);
  return folder;
}

/** The package's version. */
export function packageVersion(): string {
  const file = builtinModule("node:path").join(packageRoot(), "package.json");
  const { version } = JSON.parse(builtinModule("node:fs").readFileSync(file, "utf8")) as { version: string };
  return version;
}
