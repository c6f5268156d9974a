import eslint from "@eslint/js";
import tseslint from "typescript-eslint";

import { keptPromises } from "./scripts/lint/keptPromises.js";

/** An error's text. */
const TEXT =
  ":matches(MemberExpression[property.name=/^(message|shortMessage|formattedMessage)$/], Identifier[name=/^(message|shortMessage)$/])";

/** What an error is, its code says. Its text is somebody else's, and changes. */
const errorTexts = [
  `CallExpression[callee.property.name=/^(includes|startsWith|endsWith|match|matchAll|search|indexOf)$/] > MemberExpression.callee > ${TEXT}.object`,
  `CallExpression[callee.property.name=/^(test|exec)$/] > ${TEXT}.arguments`,
  `CallExpression[callee.property.name=/^(test|exec)$/] > CallExpression.arguments > ${TEXT}.arguments`,
  `BinaryExpression[operator=/^[!=]==?$/] > ${TEXT}:not(BinaryExpression[right.type="Identifier"][right.name="undefined"] > *)`,
  `SwitchStatement > ${TEXT}.discriminant`,
].map((selector) => ({ selector, message: "Tell errors apart by their codes, never by their texts." }));

/** Every provider allows something else at once: only the reader of histories knows what to do about it. */
const histories = [
  "MemberExpression[property.name=/^(queryFilter|getLogs)$/]",
  "Property[key.name=/^(queryFilter|getLogs)$/]",
  "Literal[value=/^(eth_getLogs|queryFilter|getLogs)$/]",
].map((selector) => ({
  selector,
  message: "Read events with readEvents or newestEvent of src/chain/history.ts, or follow them with an EventFeed.",
}));

export default tseslint.config(
  { ignores: ["artifacts", "cache", "coverage", "dist", "types", "deployments", "sdk"] },
  eslint.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { project: ["./tsconfig.json", "./page/tsconfig.json"], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      // Whose failure nobody awaits ends the process, far from its cause.
      "@typescript-eslint/no-floating-promises": ["error", { checkThenables: true }],
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: true, checksSpreads: true }],
    },
  },
  {
    files: ["src/**/*.ts", "modules/**/*.ts", "tasks/**/*.ts", "page/**/*.{ts,tsx}"],
    plugins: { local: { rules: { "kept-promises": keptPromises } } },
    rules: { "local/kept-promises": "error" },
  },
  {
    files: [
      ...["src", "modules", "tasks", "demo", "scripts", "test"].map((folder) => `${folder}/**/*.ts`),
      "page/**/*.{ts,tsx}",
    ],
    rules: { complexity: ["error", 9], "max-lines": ["error", 300] },
  },
  {
    files: ["src/**/*.ts", "modules/**/*.ts", "tasks/**/*.ts", "demo/**/*.ts", "page/**/*.{ts,tsx}"],
    rules: { "no-restricted-syntax": ["error", ...errorTexts, ...histories] },
  },
  { files: ["scripts/**/*.ts"], rules: { "no-restricted-syntax": ["error", ...histories] } },
  {
    files: ["src/chain/logRange.ts", "src/chain/feed/blockLogs.ts"],
    rules: { "no-restricted-syntax": ["error", ...errorTexts] },
  },
  {
    // What strangers wrote is text on the page, never markup.
    files: ["page/**/*.{ts,tsx}"],
    rules: {
      "no-restricted-properties": [
        "error",
        ...["innerHTML", "outerHTML", "insertAdjacentHTML", "dangerouslySetInnerHTML", "srcdoc"].map((property) => ({
          property,
          message: "Let preact write text.",
        })),
      ],
    },
  },
  {
    // What strangers wrote is escaped where it is printed, and that is in these files alone.
    files: ["tasks/**/*.ts"],
    ignores: [
      ...["hre", "running"].map((name) => `tasks/hooks/${name}.ts`),
      ...["commandLine", "document", "progress", "prompt", "table", "terminal"].map(
        (name) => `tasks/support/${name}.ts`,
      ),
    ],
    rules: {
      "no-console": "error",
      "no-restricted-properties": [
        "error",
        ...["stdout", "stderr"].map((property) => ({
          object: "process",
          property,
          message: "Print by tasks/support/terminal.ts, outcome.ts, progress.ts or prompt.ts.",
        })),
      ],
    },
  },
  {
    // Chai's assertions are property reads.
    files: ["test/**/*.ts"],
    rules: { "@typescript-eslint/no-unused-expressions": "off", "@typescript-eslint/no-non-null-assertion": "off" },
  },
  { files: ["eslint.config.js", "scripts/lint/*.js"], ...tseslint.configs.disableTypeChecked },
  {
    files: ["test/fixtures/page/*.js"],
    ...tseslint.configs.disableTypeChecked,
    languageOptions: { globals: { CustomEvent: "readonly" }, parserOptions: { project: null } },
  },
  {
    // Builders run before anything is generated: an import of generated code would break the first build.
    files: ["tasks/**/index.ts", "demo/index.ts"],
    rules: { "no-restricted-imports": ["error", { patterns: ["**/types/*", "**/src/*", "ethers"] }] },
  },
);
