import { fileURLToPath } from "node:url";

import { defineConfig } from "vite";

const absent = fileURLToPath(new URL("./src/chain/absent.ts", import.meta.url));

/** What libraries have for names of ENS, requests, signed transactions and JSON schemas is left out: the page never does that, and it is a fifth of all. */
const unused = [
  /^@adraffy\/ens-normalize$/,
  /^\.\/(ens-resolver|fetch|transaction)\.js$/,
  /^\.\.?\/(core\/)?(to-json-schema|json-schema-processors|json-schema-generator)\.js$/,
];

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  resolve: { alias: unused.map((find) => ({ find, replacement: absent })) },
  build: {
    outDir: "../dist/page",
    emptyOutDir: true,
    target: "es2023",
    // Nothing inline: the Content-Security-Policy lets nothing inline run.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // What is left out is missed where it would be asked for; the page's own imports are looked at by the compiler.
    rolldownOptions: { checks: { importIsUndefined: false } },
  },
});
