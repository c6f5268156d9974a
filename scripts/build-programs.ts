/** Compiles the enclave's programs from sdk/programs, and writes them into the package's sources: `npm run build:programs`. */
import { join } from "node:path";
import { writeFileSync } from "node:fs";

import { root } from "./checks/files.ts";
import { compileShipped, shippedModule } from "./programs/compile.ts";

const programs = compileShipped();
writeFileSync(join(root, "src/enclave/programs/shipped.ts"), await shippedModule(programs));
for (const { name, code } of programs) console.log(`${name}: ${code.length} bytes`);
